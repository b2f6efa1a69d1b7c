"""Command that summarises previews: `python -m operations.preview_summary [FILE ...]`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from common.project import PROJECT
from common.words import counted
from local.deploy.deployment import DeploymentError
from local.tools.build import BuildError
from operations.preview_summary.comment import Pictures, comment
from operations.preview_summary.events import read_preview, recorded_preview
from operations.preview_summary.model import Preview, PreviewError
from operations.preview_summary.recording import record
from operations.preview_summary.stack_settings import setting_changes
from operations.preview_summary.summary import Summary, as_dict, summarise


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--stack", "stacks", multiple=True, help="Preview this stack first, instead of reading a file.")
@click.option("--refresh", envvar="REFRESH", is_flag=True, help="With --stack: compare the cluster first.")
@click.option("--base", envvar="BASE", default="", help="Commit with which the stack files are compared.")
@click.option("--pictures", envvar="PICTURES", type=click.Path(path_type=Path), help="Folder of <uid>*.png.")
@click.option(
    "--pictures-url",
    envvar="PICTURES_URL",
    default="",
    help="Address of that folder, with / at its end, or of an archive.",
)
@click.option("--allow-data-loss", envvar="ALLOW_DATA_LOSS", is_flag=True, help="Accept deleted volume claims.")
@click.option("--expect-no-changes", is_flag=True, help="Fail if anything would change.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(
    files: Sequence[str],
    stacks: Sequence[str],
    refresh: bool,
    base: str,
    pictures: Path | None,
    pictures_url: str,
    allow_data_loss: bool,
    expect_no_changes: bool,
    as_json: bool,
) -> None:
    """Print previews as one comment on a pull request.

    Each FILE has the events of one stack, by default standard input. Fails if a preview failed, violates a policy, or
    deletes a volume claim with its data.
    """
    try:
        # The comment is standard output; what happens on the way to it is not.
        progress = Console(stderr=True, highlight=False, soft_wrap=True)
        recorded = [str(record(stack, progress, refresh=refresh)) for stack in stacks]
        previews = [_read(file) for file in (*recorded, *files) or ("-",)]
        summaries = [
            summarise(preview, setting_changes(preview.stack, base, PROJECT) if base else None) for preview in previews
        ]
    except (BuildError, DeploymentError, PreviewError, OSError) as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    refusals = [line for each in summaries for line in _refusals(each, allow_data_loss, expect_no_changes)]
    if as_json:
        click.echo(json.dumps({"refused": refusals, "stacks": [as_dict(each) for each in summaries]}, indent=2))
    else:
        click.echo(comment(summaries, Pictures(folder=pictures, url=pictures_url)), nl=False)
    for line in refusals:
        click.echo(line, err=True)
    sys.exit(1 if refusals else 0)


def _read(file: str) -> Preview:
    """Return the preview in a file or on standard input."""
    if file == "-":
        return read_preview(sys.stdin.read(), "unknown stack", "standard input")
    return recorded_preview(Path(file))


def _refusals(summary: Summary, allow_data_loss: bool, expect_no_changes: bool) -> list[str]:
    """Return the reasons why a preview must not be deployed."""
    stack, found = summary.preview.stack, []
    if summary.has_failed:
        found.append(f"{stack}: the preview failed")
    if summary.lost_claims and not allow_data_loss:
        claims = ", ".join(summary.lost_claims)
        found.append(f"{stack}: the data of these claims would be lost: {claims}; to accept that: ALLOW_DATA_LOSS=1")
    if expect_no_changes and summary.preview.changes:
        found.append(f"{stack}: found {counted(len(summary.preview.changes), 'change')}; allowed: none")
    return found
