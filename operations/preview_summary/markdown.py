"""Markdown of a comment: values as code, folded parts, and a limit of the length."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from common.problems import printable
from operations.preview_summary.differences import is_encrypted
from operations.preview_summary.events import SECRET
from policy.credentials import looks_secret

# More lines than this are folded.
MOST_LINES: Final = 8
_LONGEST_VALUE: Final = 80


@dataclass(frozen=True)
class Block:
    """Lines of one subject.

    Attributes:
        title: Subject, with its number of lines in the heading of a folded block.
        lines: List items.
        is_folded: Whether the lines are folded; by default if there are many.
    """

    title: str
    lines: Sequence[str]
    is_folded: bool | None = None


def code(text: str, longest: int = _LONGEST_VALUE) -> str:
    """Return a text as inline code in one line, in which Markdown, mentions and HTML have no effect."""
    line = printable(text, longest).replace("`", "'")
    return f"`{line}`" if line else "empty"


def value(found: Any, key: str = "") -> str:
    """Return a value as inline code; credentials, by their key or format, are replaced."""
    if found is None:
        return "unset"
    if is_encrypted(found):
        return code(SECRET)
    text = found if isinstance(found, str) else json.dumps(_hidden(found), ensure_ascii=False)
    return code(SECRET if looks_secret(key, text) else text)


def _hidden(found: Any, key: str = "") -> Any:
    if isinstance(found, dict):
        return {name: _hidden(each, str(name)) for name, each in found.items()}
    if isinstance(found, list):
        return [_hidden(each, key) for each in found]
    return SECRET if looks_secret(key, found) else found


def names(found: Sequence[str], most: int = MOST_LINES) -> str:
    """Return names as inline code; of a longer list the first ones and the number of the others."""
    rest = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(code(each) for each in found[:most]) + rest


def rendered(blocks: Sequence[Block], longest: int) -> str:
    """Return the blocks as Markdown of at most `longest` characters; what does not fit is counted."""
    text, left = "", longest
    for index, block in enumerate(blocks):
        # Every later block keeps room for the line that says what was left out.
        room = left - 200 * (len(blocks) - index)
        part = "\n".join(_lines(block, room)) + "\n"
        text, left = text + part, left - len(part)
    return text


def _lines(block: Block, room: int) -> Iterator[str]:
    fitting: list[str] = []
    for line in block.lines:
        room -= len(line) + 3
        if room < 0:
            break
        fitting.append(line)
    items = [f"- {line}" for line in fitting]
    if len(fitting) < len(block.lines):
        items.append(f"- {len(block.lines) - len(fitting)} more, too long for a comment: see the job's output")
    if len(block.lines) > MOST_LINES if block.is_folded is None else block.is_folded:
        yield from (f"<details><summary>{block.title}: {len(block.lines)}</summary>", "", *items, "", "</details>", "")
    else:
        yield from items
