"""Lint rule for values of enums, by the types of Grafana's foundation SDK."""

import enum
import functools
import typing
from collections.abc import Iterator, Mapping

from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

from tools.boards.lint.model import WHOLE_BOARD, Subject

register_default_plugins()


def enums_known(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require values that the enums of Grafana's schema have."""
    board = Dashboard.from_json(dict(subject.board))
    for name, part in vars(board).items():
        if name != "panels":
            yield from ((WHOLE_BOARD, problem) for problem in _unknown(part, name))
    for panel in subject.panels:
        yield from ((panel["title"], problem) for problem in _unknown(Panel.from_json(dict(panel)), ""))


def _unknown(part: object, path: str) -> Iterator[str]:
    if isinstance(part, list):
        for each in part:
            yield from _unknown(each, path)
        return
    attributes: Mapping[str, object] = getattr(part, "__dict__", {})
    kind: type = type(part)
    enums = _enums(kind) if attributes else {}
    for name, value in attributes.items():
        place = f"{path}.{name}".strip(".")
        if value is not None and name in enums and value not in {each.value for each in enums[name]}:
            yield f"{place}: {value!r} is not one of {', '.join(str(each.value) for each in enums[name])}"
        elif not isinstance(value, enum.Enum):
            yield from _unknown(value, place)


@functools.cache
def _enums(kind: type) -> Mapping[str, type[enum.Enum]]:
    """Return the fields of a class that are enums, with their types."""
    found: dict[str, type[enum.Enum]] = {}
    for name, hint in typing.get_type_hints(kind).items():
        for option in (hint, *typing.get_args(hint)):
            if isinstance(option, type) and issubclass(option, enum.Enum):
                found[name] = option
    return found
