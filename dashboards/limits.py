"""The steps at which a panel changes its colour."""

from collections.abc import Mapping

from dashboards.model import Color, Limits, Number

Step = tuple[float | None, Color]
"""From which value on a colour holds; None is the lowest of all."""


def steps(limits: Limits | None, tunables: Mapping[str, float]) -> list[Step]:
    """The steps of limits, ascending, with the tunables' numbers as this stack has them."""
    if limits is None:
        return [(None, Color.NEUTRAL)]
    numbers = {name: _in_force(number, tunables) for name, number in limits.items()}
    colors = {"warning": Color.WARNING, "critical": Color.CRITICAL}
    if not limits.worse_below:
        return [(None, Color.GOOD), *((number, colors[name]) for name, number in numbers.items())]
    # What lies below a limit has its colour, so each limit starts the next better one.
    worst_first = list(reversed(numbers.items()))
    starts: list[float | None] = [None, *(number for _, number in worst_first)]
    return list(zip(starts, [*(colors[name] for name, _ in worst_first), Color.GOOD], strict=True))


def _in_force(number: Number, tunables: Mapping[str, float]) -> float:
    return tunables[number] if isinstance(number, str) else number
