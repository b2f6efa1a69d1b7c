"""Checks of names in the raw lists of a stack file; malformed items are skipped and reported elsewhere."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from common.problems import Problem

# The key of an item and the item itself.
Item = tuple[str, Mapping[str, Any]]


def as_mapping(value: object) -> Mapping[str, Any]:
    """Return the value if it is a mapping, else an empty mapping."""
    return value if isinstance(value, Mapping) else {}


def iter_items(key: str, value: object) -> list[Item]:
    """Return each mapping of the list at a key, with its own key such as `probes.http[0]`."""
    items = value if isinstance(value, list) else []
    return [(f"{key}[{index}]", item) for index, item in enumerate(items) if isinstance(item, Mapping)]


def item_names(items: Sequence[Item]) -> list[tuple[str, str]]:
    """Return the name of each item that has one, with its own key such as `probes.http[0].name`."""
    return [(f"{key}.name", item["name"]) for key, item in items if isinstance(item.get("name"), str)]


def repeated_name_problems(items: Sequence[Item], kind: str) -> list[Problem]:
    """Return a problem for each item of a kind, such as `probe`, that shares its name with another."""
    names = item_names(items)
    uses = Counter(name for _, name in names)
    return [
        Problem(f"monitoring:{key}", f"a name used by {uses[name]} {kind}s", f"a name that no other {kind} uses")
        for key, name in names
        if uses[name] > 1
    ]
