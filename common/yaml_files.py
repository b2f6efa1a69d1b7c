"""Reading of YAML and JSON with limits, which are checked before any value is built."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

# The largest files of the project have a tenth of this.
LARGEST_FILE: Final = 512 * 1024
LONGEST_VALUE: Final = 16 * 1024
DEEPEST: Final = 20
# Values after aliases are expanded: a few nested aliases can stand for millions of values.
MOST_VALUES: Final = 50_000


class InvalidFileError(Exception):
    """A file cannot be read or exceeds a limit: what was found, and what is allowed."""

    def __init__(self, found: str, allowed: str = "valid YAML") -> None:
        """Keep both parts for a problem."""
        self.found = found
        self.allowed = allowed
        super().__init__(f"found {found}; allowed: {allowed}")


def read_text(path: Path) -> str:
    """Return the text of a file; InvalidFileError if it is missing, too large, or not UTF-8."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError:
        raise InvalidFileError("no readable file", "a readable file") from None
    if len(content) > LARGEST_FILE:
        raise InvalidFileError(f"more than {LARGEST_FILE // 1024} KiB", f"at most {LARGEST_FILE // 1024} KiB")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidFileError("text that is not UTF-8", "text in UTF-8") from None


def read_yaml(path: Path) -> Any:
    """Return the content of a YAML file; InvalidFileError as from `read_text` and `parse_yaml`."""
    return parse_yaml(read_text(path))


def parse_yaml(text: str) -> Any:
    """Return the value of a YAML document; InvalidFileError if it is malformed or exceeds a limit."""
    try:
        _check_limits(text)
        return yaml.load(text, yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" in line {mark.line + 1}" if mark else ""
        raise InvalidFileError(f"a YAML error{place} ({error.problem or error.context})") from None
    except yaml.YAMLError as error:
        raise InvalidFileError(f"a YAML error ({' '.join(str(error).split())})") from None
    # What the constructors of PyYAML raise: a date that does not exist, or `!!int` before a text.
    except (ValueError, LookupError, AttributeError, TypeError, OverflowError):
        raise InvalidFileError("a YAML error (a value that is not of its type)") from None


def parse_json(text: str) -> Any:
    """Return the value of a JSON text; ValueError if it is malformed or nested too deeply for the parser."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


@dataclass
class _Node:
    """A collection that is being read: its anchor, the keys so far, and the number of values in it."""

    anchor: str | None
    is_mapping: bool
    values: int = 1
    children: int = 0
    keys: set[str] = field(default_factory=set)


def _check_limits(text: str) -> None:
    """Check the limits of a document on its events, in which aliases are not expanded yet."""
    sizes: dict[str, int] = {}
    path = [_Node(None, is_mapping=False)]
    for event in yaml.parse(text, yaml.CSafeLoader):
        match event:
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                path.append(_Node(event.anchor, is_mapping=isinstance(event, yaml.MappingStartEvent)))
                if len(path) > DEEPEST + 1:
                    _refuse(event, f"more than {DEEPEST} levels", f"at most {DEEPEST} levels")
                continue
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                node = path.pop()
                anchor, size = node.anchor, node.values
            case yaml.ScalarEvent():
                anchor, size = event.anchor, 1
                _check_scalar(event, path[-1])
            case yaml.AliasEvent():
                anchor = None
                # An alias of an unfinished collection would contain itself.
                size = sizes.get(event.anchor or "") or _refuse(
                    event, "an alias without a complete value", "valid YAML"
                )
            case _:
                continue
        if anchor is not None:
            sizes[anchor] = size
        path[-1].values += size
        path[-1].children += 1
        if path[-1].values > MOST_VALUES:
            _refuse(event, f"more than {MOST_VALUES} values", f"at most {MOST_VALUES} values, aliases included")


def _check_scalar(event: yaml.ScalarEvent, node: _Node) -> None:
    if len(event.value) > LONGEST_VALUE:
        _refuse(event, f"a value of {len(event.value)} characters", f"at most {LONGEST_VALUE} characters")
    if node.is_mapping and node.children % 2 == 0 and event.value != "<<":
        if event.value in node.keys:
            _refuse(event, f"the key {event.value} twice", "each key once")
        node.keys.add(event.value)


def _refuse(event: yaml.Event, found: str, allowed: str) -> int:
    place = f" in line {event.start_mark.line + 1}" if event.start_mark else ""
    raise InvalidFileError(found + place, allowed)


def iter_values(value: object) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Yield each value below a value with its path, keys of mappings included, without recursion.

    Below DEEPEST levels nothing is yielded; the value at that level is.
    """
    pending: list[tuple[tuple[str | int, ...], object]] = [((), value)]
    while pending:
        path, current = pending.pop()
        yield path, current
        if len(path) >= DEEPEST:
            continue
        if isinstance(current, Mapping):
            pending += (((*path, str(key)), each) for key, each in current.items())
        elif isinstance(current, list | tuple):
            pending += (((*path, index), each) for index, each in enumerate(current))
