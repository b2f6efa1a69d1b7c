"""Rules about a board as a whole."""

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from typing import Final

from dashboards.rendering.header import TAG
from tools.boards.lint.model import WHOLE_BOARD, Panel, Subject

COLUMNS: Final = 24
MOST_BYTES: Final = 256 * 1024
"""`kubectl apply` keeps the whole object in an annotation, which may have so much."""


def unique_boards(subject: Subject) -> Iterator[tuple[str, str]]:
    """Two boards with one uid or title keep Grafana from provisioning either."""
    for name in ("uid", "title"):
        if sum(board[name] == subject.board[name] for board in subject.boards) > 1:
            yield WHOLE_BOARD, f"another board has the {name} {subject.board[name]!r}"
    if not 8 <= len(subject.board["uid"]) <= 40:
        yield WHOLE_BOARD, "the uid has fewer than 8 or more than 40 characters"


def unique_ids(subject: Subject) -> Iterator[tuple[str, str]]:
    """Panels and headings have numbers of their own, and the queries of a panel letters of their own."""
    numbers = Counter(panel.get("id") for panel in subject.board["panels"])
    for panel in subject.board["panels"]:
        if not panel.get("id") or numbers[panel["id"]] > 1:
            yield panel["title"], f"its number {panel.get('id')} is none or another's as well"
        letters = [target["refId"] for target in panel.get("targets", [])]
        if len(set(letters)) < len(letters):
            yield panel["title"], f"two queries are called alike: {', '.join(letters)}"


def grid(subject: Subject) -> Iterator[tuple[str, str]]:
    """Panels neither overlap nor leave the board, and no line of them has a gap."""
    taken: dict[tuple[int, int], str] = {}
    widths: Counter[int] = Counter()
    for panel in subject.board["panels"]:
        place = panel["gridPos"]
        if place["x"] < 0 or place["x"] + place["w"] > COLUMNS:
            yield panel["title"], f"it leaves the board's {COLUMNS} columns"
        for other in sorted({taken[cell] for cell in _cells(panel) if cell in taken}):
            yield panel["title"], f"it overlaps {other}"
        taken |= dict.fromkeys(_cells(panel), panel["title"])
        widths[place["y"]] += place["w"]
    for line, width in widths.items():
        if width < COLUMNS:
            yield WHOLE_BOARD, f"the line of panels at {line} is {width} columns wide, not {COLUMNS}"


def header(subject: Subject) -> Iterator[tuple[str, str]]:
    """Every board has what the others have: tags, UTC, a refresh, a description, links and marks in sight."""
    board = subject.board
    if TAG not in board.get("tags", []) or len(board["tags"]) < 2:
        yield WHOLE_BOARD, f"its tags are not {TAG} and its topic"
    if board.get("timezone") != "utc":
        yield WHOLE_BOARD, "its times are not in UTC"
    if not board.get("refresh"):
        yield WHOLE_BOARD, "it does not refresh itself"
    if not board.get("description"):
        yield WHOLE_BOARD, "it has no description"
    if board.get("schemaVersion") != 42:
        yield WHOLE_BOARD, "its schema is not 42, the last of the classic ones"
    shown = [*board["links"], *board["annotations"]["list"]]
    if any("placement" in each for each in shown):
        yield WHOLE_BOARD, "a link or mark is hidden in a menu"


def size(subject: Subject) -> Iterator[tuple[str, str]]:
    """A board fits into its ConfigMap."""
    length = len(json.dumps(subject.board, separators=(",", ":")).encode())
    if length >= MOST_BYTES:
        yield WHOLE_BOARD, f"it has {length} bytes; a ConfigMap takes {MOST_BYTES}"


def uneditable_dashboard(subject: Subject) -> Iterator[tuple[str, str]]:
    """What is provisioned cannot be saved, so nobody is led to edit it."""
    if subject.board.get("editable") is not False:
        yield WHOLE_BOARD, "it can be edited, and the edits are lost"


def _cells(panel: Panel) -> Iterator[tuple[int, int]]:
    place = panel["gridPos"]
    columns = range(place["x"], place["x"] + place["w"])
    return itertools.product(columns, range(place["y"], place["y"] + place["h"]))
