"""Tunable markers: comments that mark a number as adjustable per stack."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MARKER_FORMAT: Final = "one number, then `# tunable: <name>` at the end of the line"

_COMMENT: Final = re.compile(r"#\s*tunable\b")
_MARKED: Final = re.compile(
    r"(?P<number>(?<![\w.\-])\d+(\.\d+)?([eE][+-]?\d+)?)\s+# tunable: (?P<name>[a-z][a-z0-9_]*)\s*"
)
_NUMBER: Final = re.compile(r"(?<![\w.])\d+(\.\d+)?([eE][+-]?\d+)?(?![\w.])")
_TEXT_OR_WINDOW: Final = re.compile(r"\"[^\"]*\"|'[^']*'|\[[^\]]*\]")


@dataclass(frozen=True)
class Marker:
    """A marked number: name of its tunable, and its position in the expression."""

    name: str
    number: str
    line: int
    start: int
    end: int


def find_markers(expression: str) -> tuple[list[Marker], list[str]]:
    """Return the valid markers of an expression, and the lines with an invalid marker."""
    markers: list[Marker] = []
    malformed: list[str] = []
    for index, line in enumerate(expression.splitlines()):
        comment = _COMMENT.search(line)
        if comment is None:
            continue
        marked = next((found for found in _MARKED.finditer(line) if found.end() == len(line)), None)
        numbers = _NUMBER.findall(_TEXT_OR_WINDOW.sub("", line[: comment.start()]))
        if marked is None or len(numbers) != 1:
            malformed.append(line.strip())
        else:
            markers.append(Marker(marked["name"], marked["number"], index, *marked.span("number")))
    return markers, malformed


def names_in_file(text: str) -> list[str]:
    """Return the tunable name of each marker in a rule file, ignoring comment lines."""
    return [
        line[comment.end() :].lstrip(": ").strip()
        for line in text.splitlines()
        if not line.lstrip().startswith("#") and (comment := _COMMENT.search(line))
    ]


def apply_tunables(expression: str, values: Mapping[str, float]) -> str:
    """Return the expression with the marked numbers replaced by `values`."""
    lines = expression.splitlines(keepends=True)
    for marker in find_markers(expression)[0]:
        value = values.get(marker.name)
        if value is not None and value != float(marker.number):
            line = lines[marker.line]
            lines[marker.line] = line[: marker.start] + format_number(value) + line[marker.end :]
    return "".join(lines)


def format_number(number: float) -> str:
    """Return a number as text, without a fraction if it is whole."""
    return str(int(number)) if float(number).is_integer() else repr(float(number))
