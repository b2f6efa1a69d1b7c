"""Line chart of shares over time, with the name of each line at its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import ceil, floor, log10
from typing import Final

from operations.review.charts.canvas import BOTTOM, GREY, GRID, INK, TOP, WIDTH, Canvas
from operations.review.firings import runs

_HEIGHT: Final = 280
_LEFT: Final = 70
_RIGHT: Final = WIDTH - 270
# Characters of a label that fit beside the plot area.
_LONGEST_LABEL: Final = 36
_LABEL_HEIGHT: Final = 15
# Distinguishable with every kind of colour blindness (Okabe and Ito).
_COLORS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9")


def percent(share: float) -> str:
    """Return a share as a label of the axis."""
    return f"{share * 100:g} %"


def lines(
    title: str, series: Mapping[str, Mapping[int, float]], label: Callable[[float], str], *, reference: float
) -> str:
    """Return a line chart as SVG; of many series, the first ones.

    Attributes:
        title: Title of the chart.
        series: Values by time, by the name of the line.
        label: Returns a value as a label of the axis.
        reference: Value with a line of its own, which the axis includes.
    """
    shown = {name: values for name, values in list(series.items())[: len(_COLORS)] if values}
    if len(series) > len(shown):
        title = f"{title} ({len(shown)} of {len(series)})"
    moments = [moment for values in shown.values() for moment in values] or [0]
    canvas = Canvas(title, begin=min(moments), end=max(moments), left=_LEFT, right=_RIGHT, height=_HEIGHT)
    levels = _levels([reference, *(value for values in shown.values() for value in values.values())])

    def y(value: float) -> float:
        return _HEIGHT - BOTTOM - (value - levels[0]) / (levels[-1] - levels[0]) * (_HEIGHT - BOTTOM - TOP)

    for level in levels:
        canvas.line(_LEFT, y(level), _RIGHT, y(level), GRID)
        canvas.text(_LEFT - 6, y(level) + 4, label(level), anchor="end", color=GREY)
    canvas.line(_LEFT, y(reference), _RIGHT, y(reference), INK)
    for (_, values), color in zip(shown.items(), _COLORS, strict=False):
        ordered = sorted(values)
        step = min((later - earlier for earlier, later in pairwise(ordered)), default=1)
        for begin, end in runs(ordered, step):
            canvas.path([(canvas.x(at), y(values[at])) for at in ordered if begin <= at <= end], color)
    ends = [y(values[max(values)]) for values in shown.values()]
    for name, color, height in zip(shown, _COLORS, _spread(ends), strict=False):
        label_text = name if len(name) <= _LONGEST_LABEL else f"{name[: _LONGEST_LABEL - 1]}…"
        canvas.text(_RIGHT + 8, height + 4, label_text, color=color, weight="600")
    return str(canvas)


def _levels(values: Sequence[float]) -> list[float]:
    """Return round values from below the lowest to above the highest."""
    lowest, highest = min(values), max(values)
    if highest == lowest:
        highest = lowest + 1
    rough = (highest - lowest) / 5
    power: float = 10 ** floor(log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough)
    return [round(number * step, 10) for number in range(floor(lowest / step), ceil(highest / step) + 1)]


def _spread(heights: Sequence[float]) -> list[float]:
    """Return the heights of labels, moved apart where they would overlap."""
    order = sorted(range(len(heights)), key=lambda number: heights[number])
    placed = list(heights)
    previous = float("-inf")
    for number in order:
        placed[number] = previous = max(heights[number], previous + _LABEL_HEIGHT)
    beyond = max(0.0, previous - (_HEIGHT - BOTTOM))
    return [height - beyond for height in placed]
