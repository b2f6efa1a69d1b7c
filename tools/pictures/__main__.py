"""Draw the dashboards: `python -m tools.pictures [--board UID] [--day DAY] [--preview FILE ...] [--json]`."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from common.project import PROJECT
from dashboards.defaults import BOARDS
from local.processes import ProcessError
from local.tools.build import BuildError, ensure_tools
from local.tools.debian import UnavailableError
from tools.pictures import node, published
from tools.pictures.changed import changed_boards
from tools.pictures.drawing_data import Prometheus, Range, drawing
from tools.stored_days import moments_without_data, serve, stored_days

STATE: Final = PROJECT / ".state" / "pictures"
# Days of the synthetic platform, and two times at which nothing is known.
DAYS: Final = ("healthy", "incident", *moments_without_data())
# Days on which all panels should have data.
_WITH_DATA: Final = DAYS[:2]


@dataclass(frozen=True)
class Picture:
    """A board drawn on a day: the number of panels drawn by Grafana's components and by this tool.

    `nothing` lists the panels without data, `errors` those with a failed query.
    """

    day: str
    board: str
    panels: int
    grafana: int
    tool: int
    nothing: tuple[str, ...]
    errors: tuple[str, ...]
    file: str


@click.command()
@click.option("--board", type=click.Choice(list(BOARDS)), help="One board only.")
@click.option("--day", type=click.Choice(DAYS), help="One day only.")
@click.option("--preview", "previews", type=click.Path(path_type=Path), multiple=True, help="Boards that it changes.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(board: str | None, day: str | None, previews: Sequence[Path], as_json: bool) -> None:
    """Check the boards against Grafana's types, then draw them on each day."""
    progress = Console(stderr=True)
    boards = _chosen(board, previews)
    if not boards:
        progress.print("the previews change no board")
        return
    try:
        node.install(progress)
        node.check_types(boards)
        progress.print(f"{len(boards)} boards match Grafana's schema")
        ensure_tools(progress)
        with serve(progress.print) as address:
            pictures = [
                picture
                for each in ([day] if day else DAYS)
                for picture in _pictures(each, boards, Prometheus(address), progress)
            ]
    except (BuildError, ProcessError, UnavailableError, node.NodeError) as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in pictures], indent=2))
    else:
        Console(highlight=False, width=None if sys.stdout.isatty() else 200).print(_table(pictures))
        click.echo("\n".join(_remarks(pictures)))


def _chosen(board: str | None, previews: Sequence[Path]) -> dict[str, Any]:
    if previews:
        return {uid: BOARDS[uid] for uid in changed_boards(previews) if uid in BOARDS}
    return {uid: content for uid, content in BOARDS.items() if board in (uid, None)}


def _pictures(day: str, boards: Mapping[str, Any], prometheus: Prometheus, progress: Console) -> Iterator[Picture]:
    folder = STATE / day
    folder.mkdir(parents=True, exist_ok=True)
    end = (moments_without_data() | {name: stored.ends for name, stored in stored_days().items()})[day]
    progress.print(f"{day}: querying Prometheus")
    for uid, board in boards.items():
        data = drawing(prometheus, board, Range.until(end, board["time"]["from"]))
        (folder / f"{uid}.json").write_text(json.dumps(data), encoding="utf-8")
    progress.print(f"{day}: drawing")
    panels = node.draw({folder / f"{uid}.json": folder / f"{uid}.png" for uid in boards})
    for uid in boards:
        file = folder / f"{uid}.png"
        shown = published.publish(file, day) if (uid, day) in published.PICTURES else file
        yield _picture(day, uid, panels[file], shown)


def _picture(day: str, board: str, panels: Sequence[Mapping[str, str]], file: Path) -> Picture:
    by = Counter(panel["drawn"] for panel in panels)
    nothing = tuple(panel["panel"] for panel in panels if panel["drawn"] == "nothing")
    errors = tuple(f"{panel['panel']}: {panel['error']}" for panel in panels if "error" in panel)
    return Picture(day, board, len(panels), by["grafana"], by["tool"], nothing, errors, str(file.relative_to(PROJECT)))


def _table(pictures: Sequence[Picture]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="")
    for heading in ("DAY", "BOARD", "PANELS", "BY GRAFANA", "BY THIS TOOL", "NO DATA", "ERRORS", "PICTURE"):
        table.add_column(heading, no_wrap=True)
    for one in pictures:
        numbers = map(str, (one.panels, one.grafana, one.tool, len(one.nothing), len(one.errors)))
        table.add_row(one.day, one.board, *numbers, one.file)
    return table


def _remarks(pictures: Sequence[Picture]) -> Iterator[str]:
    for one in pictures:
        if one.day in _WITH_DATA:
            yield from (f"{one.day}, {one.board}: no data: {title}" for title in one.nothing)
        yield from (f"{one.day}, {one.board}: error: {error}" for error in one.errors)


if __name__ == "__main__":
    main(prog_name="python -m tools.pictures")
