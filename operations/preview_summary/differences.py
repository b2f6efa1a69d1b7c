"""Differences of two nested values, by path."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

# The only key of a mapping in place of an encrypted value, in a stack file.
ENCRYPTED: Final = "secure"


class Difference(NamedTuple):
    """A value that differs: its path, and what it was and is; None where it does not exist."""

    path: str
    old: Any
    new: Any


def differences(old: Any, new: Any, path: str = "") -> Iterator[Difference]:
    """Yield the differing values below two values, each with its path such as `slack.channel` or `probes[0]`."""
    if old == new:
        return
    if _is_nested(old) and _is_nested(new) and (old or new):
        before, after = old or {}, new or {}
        for key in (*before, *(key for key in after if key not in before)):
            yield from differences(before.get(key), after.get(key), f"{path}.{key}".removeprefix("."))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from differences(before, after, f"{path}[{index}]")
    else:
        yield Difference(path, old, new)


def is_encrypted(value: Any) -> bool:
    """Whether a value of a stack file is encrypted."""
    return isinstance(value, Mapping) and set(value) == {ENCRYPTED}


def _is_nested(value: Any) -> bool:
    return isinstance(value, Mapping | None) and not is_encrypted(value)
