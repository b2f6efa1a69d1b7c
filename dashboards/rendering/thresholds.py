"""Threshold steps at which a panel changes its colour."""

import itertools
from collections.abc import Mapping
from typing import Final

from dashboards.model import Color, ComplementOf, Limits, Number, PartOf

# The value from which a colour applies; None is the base.
ThresholdStep = tuple[float | None, Color]

_COLORS: Final = {"promised": Color.OBJECTIVE_MISSED, "warning": Color.WARNING, "critical": Color.CRITICAL}


def threshold_steps(limits: Limits | None, tunables: Mapping[str, float]) -> list[ThresholdStep]:
    """Return the threshold steps of limits, ascending, with a stack's tunables."""
    if limits is None:
        return [(None, Color.NEUTRAL)]
    most_severe_first: list[tuple[float, Color]] = []
    for name, number in reversed(list(limits.items())):
        value = _effective(number, tunables)
        # A stack's tunables may move a severe limit past a milder one; the milder one is then dropped.
        if not most_severe_first or _milder(value, most_severe_first[-1][0], limits):
            most_severe_first.append((value, _COLORS[name]))
    if not limits.worse_below:
        return [(None, Color.GOOD), *reversed(most_severe_first)]
    # Values below a limit have its colour, so the next better colour starts at the limit.
    starts: list[float | None] = [None, *(value for value, _ in most_severe_first)]
    return list(zip(starts, [*(color for _, color in most_severe_first), Color.GOOD], strict=True))


def limit_lines(limits: Limits | None, tunables: Mapping[str, float]) -> list[tuple[float, Color]]:
    """Return each limit below which a value is worse, with the colour that the value has there.

    Grafana draws a threshold in the colour of the values above it, so it would draw these limits as targets, in green.
    """
    if limits is None or not limits.worse_below:
        return []
    steps = threshold_steps(limits, tunables)
    return [(value, color) for (_, color), (value, _) in itertools.pairwise(steps) if value is not None]


def _milder(value: float, than: float, limits: Limits) -> bool:
    return value > than if limits.worse_below else value < than


def _effective(number: Number, tunables: Mapping[str, float]) -> float:
    if isinstance(number, ComplementOf):
        # 1 - 0.9 is not 0.1 in binary.
        return round(1 - tunables[number.tunable], 9)
    if isinstance(number, PartOf):
        return round(tunables[number.tunable] / number.seconds, 9)
    return tunables[number] if isinstance(number, str) else number
