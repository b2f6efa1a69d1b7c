"""Golden files of the rendered dashboards, in which a changed panel is a small diff."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from common.project import PROJECT
from tools.boards.rendered_boards import BOARDS

FOLDER: Final = PROJECT / "tests" / "golden" / "boards"
# Maximum line length of a value on one line.
_WIDTH: Final = 120


def board_files() -> dict[Path, str]:
    """Return the text of the golden file of each board, by path."""
    return {FOLDER / f"{uid}.json": render_json(board) for uid, board in BOARDS.items()}


def render_json(value: object) -> str:
    """Return JSON with sorted keys, with every value on one line if it fits."""
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
