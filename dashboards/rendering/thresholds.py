"""The steps at which a panel changes its colour."""

from collections.abc import Mapping
from typing import Final

from dashboards.model import Color, ComplementOf, Limits, Number

Step = tuple[float | None, Color]
"""From which value on a colour holds; None is the lowest of all."""

_COLORS: Final = {"promised": Color.BROKEN_PROMISE, "warning": Color.WARNING, "critical": Color.CRITICAL}


def steps(limits: Limits | None, tunables: Mapping[str, float]) -> list[Step]:
    """The steps of limits, ascending, with the tunables' numbers as this stack has them."""
    if limits is None:
        return [(None, Color.NEUTRAL)]
    gravest_first: list[tuple[float, Color]] = []
    for name, number in reversed(list(limits.items())):
        value = _in_force(number, tunables)
        # A stack may put a grave limit where a milder one is: then the milder one never shows.
        if not gravest_first or _milder(value, gravest_first[-1][0], limits):
            gravest_first.append((value, _COLORS[name]))
    if not limits.worse_below:
        return [(None, Color.GOOD), *reversed(gravest_first)]
    # What lies below a limit has its colour, so each limit starts the next better one.
    starts: list[float | None] = [None, *(value for value, _ in gravest_first)]
    return list(zip(starts, [*(color for _, color in gravest_first), Color.GOOD], strict=True))


def _milder(value: float, than: float, limits: Limits) -> bool:
    return value > than if limits.worse_below else value < than


def _in_force(number: Number, tunables: Mapping[str, float]) -> float:
    if isinstance(number, ComplementOf):
        # 1 - 0.9 is not 0.1 in binary.
        return round(1 - tunables[number.tunable], 9)
    return tunables[number] if isinstance(number, str) else number
