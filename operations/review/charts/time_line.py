"""Time line: one row per name, with a bar for each interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from operations.review.charts.canvas import BOTTOM, TOP, WIDTH, Canvas
from operations.review.firings import Interval
from operations.review.formats import duration, moment

_ROW: Final = 22
_BAR: Final = 12
_LEFT: Final = 240
_RIGHT: Final = WIDTH - 50
_SHADE: Final = "#ececec"
_RED: Final = "#b3261e"
# A short bar must be visible.
_NARROWEST: Final = 3.0


def time_line(
    title: str, rows: Mapping[str, Sequence[Interval]], *, begin: int, end: int, shaded: Sequence[Interval]
) -> str:
    """Return a time line as SVG.

    Attributes:
        title: Title of the chart.
        rows: Intervals by the name of the row.
        begin: Begin of the axis, in seconds since 1970.
        end: End of the axis.
        shaded: Intervals with a grey background.
    """
    height = TOP + BOTTOM + _ROW * max(1, len(rows))
    canvas = Canvas(title, begin=begin, end=end, left=_LEFT, right=_RIGHT, height=height)
    for first, last in shaded:
        x = canvas.x(first)
        if canvas.x(last) > x:
            canvas.rectangle(x, TOP, canvas.x(last) - x, height - TOP - BOTTOM, _SHADE)
    for number, (name, intervals) in enumerate(rows.items()):
        y = TOP + _ROW * number
        canvas.text(_LEFT - 8, y + _ROW / 2 + 4, name, anchor="end")
        for first, last in intervals:
            width = max(_NARROWEST, canvas.x(last) - canvas.x(first))
            text = f"{name}: {moment(first)} UTC, {duration(last - first)}"
            canvas.rectangle(canvas.x(first), y + (_ROW - _BAR) / 2, width, _BAR, _RED, text)
    return str(canvas)
