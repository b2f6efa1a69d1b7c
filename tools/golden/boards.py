"""The boards as Grafana would load them, so that a changed panel shows as a few lines in a review."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from common.project import PROJECT
from tools.boards.rendered_boards import BOARDS

FOLDER: Final = PROJECT / "tests" / "golden" / "boards"
_WIDTH: Final = 120


def board_files() -> dict[Path, str]:
    """The text of each board, by the file that keeps it."""
    return {FOLDER / f"{uid}.json": render_json(board) for uid, board in BOARDS.items()}


def render_json(value: object) -> str:
    """JSON with sorted names, in which whatever fits into a line is on one."""
    return "\n".join(_lines(value, "", "")) + "\n"


def _lines(value: object, indent: str, name: str) -> Iterator[str]:
    short = f"{indent}{name}{json.dumps(value, sort_keys=True, ensure_ascii=False)}"
    if len(short) <= _WIDTH or not isinstance(value, Mapping | list):
        yield short
        return
    if isinstance(value, Mapping):
        inner = [(f"{json.dumps(key)}: ", value[key]) for key in sorted(value)]
    else:
        inner = [("", each) for each in value]
    opening, closing = "{}" if isinstance(value, Mapping) else "[]"
    yield f"{indent}{name}{opening}"
    for number, (key, each) in enumerate(inner, 1):
        *lines, last = _lines(each, f"{indent} ", key)
        yield from lines
        yield last + ("," if number < len(inner) else "")
    yield f"{indent}{closing}"
