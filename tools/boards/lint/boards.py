"""Lint rules for whole boards."""

import itertools
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from dashboards.rendering.header import TAG
from tools.boards.lint.model import WHOLE_BOARD, Panel, Subject
from tools.boards.rendered_boards import all_panels, queries

COLUMNS: Final = 24
# `kubectl apply` stores the whole object in an annotation of at most this size.
MAX_BYTES: Final = 256 * 1024
MAX_QUERIES: Final = 25


def unique_boards(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require unique uids and titles; Grafana provisions neither of two boards that share one."""
    for name in ("uid", "title"):
        if sum(board[name] == subject.board[name] for board in subject.boards) > 1:
            yield WHOLE_BOARD, f"another board has the same {name} {subject.board[name]!r}"
    if not 8 <= len(subject.board["uid"]) <= 40:
        yield WHOLE_BOARD, "the uid has fewer than 8 or more than 40 characters"


def unique_ids(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require unique ids of panels and rows, and unique refIds within a panel."""
    every = all_panels(subject.board)
    ids = Counter(panel.get("id") for panel in every)
    for panel in every:
        if not panel.get("id") or ids[panel["id"]] > 1:
            yield panel["title"], f"its id {panel.get('id')} is missing or not unique"
        ref_ids = [target["refId"] for target in panel.get("targets", [])]
        if len(set(ref_ids)) < len(ref_ids):
            yield panel["title"], f"two queries have the same refId: {', '.join(ref_ids)}"


def grid(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require panels that neither overlap nor exceed the grid, and lines without gaps."""
    opened = [panel for panel in subject.board["panels"] if not panel.get("panels")]
    for shown in (opened, *(row["panels"] for row in subject.board["panels"] if row.get("panels"))):
        yield from _grid(shown)


def _grid(shown: Sequence[Panel]) -> Iterator[tuple[str, str]]:
    """Yield the problems of panels that are shown together; panels of a collapsed row only move others down."""
    taken: dict[tuple[int, int], str] = {}
    widths: Counter[int] = Counter()
    for panel in shown:
        place = panel["gridPos"]
        if place["x"] < 0 or place["x"] + place["w"] > COLUMNS:
            yield panel["title"], f"it exceeds the board's {COLUMNS} columns"
        for other in sorted({taken[cell] for cell in _cells(panel) if cell in taken}):
            yield panel["title"], f"it overlaps {other}"
        taken |= dict.fromkeys(_cells(panel), str(panel["title"]))
        widths[place["y"]] += place["w"]
    for line, width in widths.items():
        if width < COLUMNS:
            yield WHOLE_BOARD, f"the line of panels at {line} is {width} columns wide, not {COLUMNS}"


def header(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require tags, UTC, a refresh interval, a description, and visible links and annotations."""
    board = subject.board
    if TAG not in board.get("tags", []) or len(board["tags"]) < 2:
        yield WHOLE_BOARD, f"its tags are not {TAG} and its topic"
    if board.get("timezone") != "utc":
        yield WHOLE_BOARD, "its time zone is not UTC"
    if not board.get("refresh"):
        yield WHOLE_BOARD, "it has no refresh interval"
    if not board.get("description"):
        yield WHOLE_BOARD, "it has no description"
    if board.get("schemaVersion") != 42:
        yield WHOLE_BOARD, "its schemaVersion is not 42, the last classic one"
    visible = [*board["links"], *board["annotations"]["list"]]
    if any("placement" in each for each in visible):
        yield WHOLE_BOARD, "a link or annotation is hidden in a menu"


def size(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require a board that fits into its ConfigMap."""
    length = len(json.dumps(subject.board, separators=(",", ":")).encode())
    if length >= MAX_BYTES:
        yield WHOLE_BOARD, f"it has {length} bytes; the limit of its ConfigMap is {MAX_BYTES}"


def queries_at_load(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require few queries when a board opens; the panels of collapsed rows run theirs later."""
    opened = [panel for panel in subject.board["panels"] if panel["type"] != "row"]
    count = sum(len(queries(panel)) for panel in opened)
    if count > MAX_QUERIES:
        yield WHOLE_BOARD, f"it runs {count} queries when it opens, more than {MAX_QUERIES}: collapse its last rows"


def uneditable_dashboard(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require a read-only board, because edits of a provisioned board cannot be saved."""
    if subject.board.get("editable") is not False:
        yield WHOLE_BOARD, "it is editable, but edits of a provisioned board are lost"


def _cells(panel: Panel) -> Iterator[tuple[int, int]]:
    place = panel["gridPos"]
    columns = range(place["x"], place["x"] + place["w"])
    return itertools.product(columns, range(place["y"], place["y"] + place["h"]))
