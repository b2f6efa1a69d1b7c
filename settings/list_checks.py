"""Names in the lists of a stack file, as written: whatever is malformed there is another problem's business."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from common.problems import Problem

Item = tuple[str, Mapping[str, Any]]


def as_mapping(value: object) -> Mapping[str, Any]:
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def iter_items(key: str, value: object) -> list[Item]:
    """Each mapping of a list that stands under a key, with its own key: `probes.http[0]`."""
    items = value if isinstance(value, list) else []
    return [(f"{key}[{index}]", item) for index, item in enumerate(items) if isinstance(item, Mapping)]


def item_names(items: Sequence[Item]) -> list[tuple[str, str]]:
    """The name of each item that has one, with the name's own key: `probes.http[0].name`."""
    return [(f"{key}.name", item["name"]) for key, item in items if isinstance(item.get("name"), str)]


def repeated_names(items: Sequence[Item], kind: str) -> list[Problem]:
    """A problem for each item of one kind, say `probe`, that shares its name with another."""
    found = item_names(items)
    uses = Counter(name for _, name in found)
    return [
        Problem(f"monitoring:{key}", f"the name of {uses[name]} {kind}s", f"a name that no other {kind} has")
        for key, name in found
        if uses[name] > 1
    ]
