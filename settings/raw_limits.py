"""Limits of any value in a stack file, checked before the value is looked at more closely."""

import math
from collections.abc import Mapping
from typing import Final

from common.problems import Problem
from common.yaml_files import DEEPEST, LONGEST_VALUE, iter_values

# Of one top-level key; the largest stack file of the project has a twentieth.
MOST_VALUES: Final = 10_000
MOST_ENTRIES: Final = 500
LONGEST_KEY: Final = 256
# Up to this size, a JSON number is exact in every reader.
LARGEST_NUMBER: Final = 2**53


def limit_problems(key: str, value: object) -> list[Problem]:
    """Return a problem for each value below a top-level key that exceeds a limit, or that no file can hold."""
    problems: list[Problem] = []
    for count, (path, each) in enumerate(iter_values(value)):
        if count == MOST_VALUES:
            return [Problem(_name(key, ()), f"more than {MOST_VALUES} values", f"at most {MOST_VALUES} values")]
        reason = _excess(each, len(path))
        if reason is None and isinstance(each, Mapping):
            reason = next((excess for name in each if (excess := _key_excess(name))), None)
        if reason:
            problems.append(Problem(_name(key, path), *reason))
    return problems


def _name(key: str, path: tuple[str | int, ...]) -> str:
    return f"monitoring:{key}" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)


def _excess(value: object, depth: int) -> tuple[str, str] | None:
    """Return what was found and what is allowed if a value exceeds a limit by itself."""
    match value:
        case str() if len(value) > LONGEST_VALUE:
            return f"a string of {len(value)} characters", f"at most {LONGEST_VALUE} characters"
        case str() if not _is_text(value):
            return "a string with control characters or half of a surrogate pair", "printable text and line breaks"
        case float() if not math.isfinite(value):
            return str(value), "a finite number"
        case bool():
            return None
        case int() if abs(value) > LARGEST_NUMBER:
            return f"a number of {value.bit_length()} bits", f"a number from -{LARGEST_NUMBER} to {LARGEST_NUMBER}"
        case Mapping() | list() if len(value) > MOST_ENTRIES:
            return f"{len(value)} entries", f"at most {MOST_ENTRIES} entries"
        case Mapping() | list() if value and depth >= DEEPEST:
            return f"more than {DEEPEST} levels", f"at most {DEEPEST} levels"
    return None


def _key_excess(name: object) -> tuple[str, str] | None:
    if isinstance(name, str) and 0 < len(name) <= LONGEST_KEY and name.isprintable():
        return None
    return f"the key {name}", f"keys that are printable strings of at most {LONGEST_KEY} characters"


def _is_text(text: str) -> bool:
    return text.isprintable() or all(each.isprintable() or each in "\n\t" or not _is_control(each) for each in text)


def _is_control(character: str) -> bool:
    # Control characters, and halves of surrogate pairs, which UTF-8 cannot encode.
    code = ord(character)
    return code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000
