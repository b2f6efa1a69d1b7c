"""An SVG with a plot area and an axis of time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from xml.etree import ElementTree as ET

WIDTH: Final = 960
TOP: Final = 34
BOTTOM: Final = 26
GREY: Final = "#767676"
GRID: Final = "#e3e3e3"
INK: Final = "#1d1c1d"
_FONT: Final = "system-ui, sans-serif"
_HOUR: Final = 3600
_TICK_SECONDS: Final = tuple(hours * _HOUR for hours in (1, 2, 3, 6, 12, 24, 48, 168, 336))
_MOST_TICKS: Final = 9


class Canvas:
    """An SVG whose plot area has time as its horizontal axis.

    Attributes:
        left: Left end of the plot area in pixels.
        right: Right end of the plot area in pixels.
        height: Height of the SVG in pixels.
    """

    def __init__(self, title: str, *, begin: int, end: int, left: int, right: int, height: int) -> None:
        """Draw the frame: title and axis of time."""
        self.left, self.right, self.height = left, right, height
        self._begin, self._seconds = begin, max(1, end - begin)
        self._root = ET.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {WIDTH} {height}",
                "role": "img",
                "aria-label": title,
                "font-family": _FONT,
                "font-size": "12",
            },
        )
        self.rectangle(0, 0, WIDTH, height, "#ffffff")
        self.text(8, 18, title, weight="600", size="14")
        for moment in _ticks(begin, end):
            x = self.x(moment)
            self.line(x, TOP, x, height - BOTTOM, GRID)
            form = "%d %b" if self._seconds > 36 * _HOUR else "%H:%M"
            self.text(x, height - 8, f"{datetime.fromtimestamp(moment, UTC):{form}}", anchor="middle", color=GREY)
        self.text(left - 30, height - 8, "UTC", anchor="end", color=GREY)

    def x(self, moment: float) -> float:
        """Return the horizontal position of a time, within the plot area."""
        share = min(1.0, max(0.0, (moment - self._begin) / self._seconds))
        return self.left + share * (self.right - self.left)

    def text(
        self,
        x: float,
        y: float,
        content: str,
        *,
        anchor: str = "start",
        color: str = INK,
        weight: str = "400",
        size: str = "12",
    ) -> None:
        """Write a text."""
        attributes = {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor, "fill": color}
        element = ET.SubElement(self._root, "text", attributes | {"font-weight": weight, "font-size": size})
        element.text = content

    def line(self, x1: float, y1: float, x2: float, y2: float, color: str) -> None:
        """Draw a straight line."""
        ends = {"x1": f"{x1:.1f}", "y1": f"{y1:.1f}", "x2": f"{x2:.1f}", "y2": f"{y2:.1f}"}
        ET.SubElement(self._root, "line", ends | {"stroke": color})

    def path(self, points: list[tuple[float, float]], color: str) -> None:
        """Draw a line through points."""
        text = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        attributes = {"points": text, "fill": "none", "stroke": color, "stroke-width": "2", "stroke-linejoin": "round"}
        ET.SubElement(self._root, "polyline", attributes)

    def rectangle(self, x: float, y: float, width: float, height: float, color: str, title: str = "") -> None:
        """Draw a filled rectangle; the title is shown while the pointer is on it."""
        attributes = {"x": f"{x:.1f}", "y": f"{y:.1f}", "width": f"{width:.1f}", "height": f"{height:.1f}"}
        element = ET.SubElement(self._root, "rect", attributes | {"fill": color})
        if title:
            ET.SubElement(element, "title").text = title

    def __str__(self) -> str:
        """Return the SVG."""
        return ET.tostring(self._root, encoding="unicode")


def _ticks(begin: int, end: int) -> Iterator[int]:
    step = next((each for each in _TICK_SECONDS if (end - begin) / each <= _MOST_TICKS), _TICK_SECONDS[-1])
    yield from range(-(-begin // step) * step, end + 1, step)
