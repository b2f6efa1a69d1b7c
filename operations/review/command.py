"""The command `python -m operations review`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from common.problems import CatalogueError
from common.project import PROJECT
from operations.review import files, review, stack
from operations.review.period import PERIODS, Period
from operations.review.prometheus import UnreachableError
from settings.loader import SettingsError

ERRORS: Final = (CatalogueError, SettingsError, UnreachableError, stack.ReviewError)


@click.command("review")
@click.option("--stack", "name", default="local", show_default=True, help="Stack to review.")
@click.option("--period", type=click.Choice(PERIODS), default="7d", show_default=True, help="Period until now.")
@click.option("--until", type=click.DateTime(["%Y-%m-%dT%H:%MZ"]), help="End of the period instead of now, in UTC.")
@click.option("--url", envvar="URL", default="", help="URL of Prometheus; default: links.prometheus of the stack.")
@click.option(
    "--alertmanager", envvar="ALERTMANAGER", default="", help="URL of Alertmanager; default: links.alertmanager."
)
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), help="Folder of the report.")
@click.option("--json", "as_json", is_flag=True, help="Also print the review as JSON.")
def command(
    name: str, period: str, until: datetime | None, url: str, alertmanager: str, output: Path | None, as_json: bool
) -> None:
    """Review a stack from its own data, as Markdown and HTML."""
    reviewed = stack.load(name)
    now = int(datetime.now(UTC).timestamp())
    end = int(until.replace(tzinfo=UTC).timestamp()) if until else now
    data = review.read(reviewed, Period(period, end), now, *stack.addresses(reviewed, url, alertmanager))
    result = review.build(name, data)
    written = files.write(result, output or PROJECT / ".state" / "reviews" / f"{name}-{period}")
    if as_json:
        click.echo(json.dumps(files.as_json(result), indent=2))
        return
    click.echo(result.data)
    click.echo(result.headline)
    for number, worst in enumerate(result.worst, 1):
        click.echo(f"{number}. {worst.area}: {worst.text}")
    if result.unknown:
        click.echo(result.unknown)
    for path in written:
        click.echo(f"wrote {path}")
