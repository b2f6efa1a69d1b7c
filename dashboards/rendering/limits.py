"""Limits of values that are worse when lower, as series of their own."""

from collections.abc import Iterator, Mapping
from typing import Final

from dashboards.model import Color, Panel, View
from dashboards.rendering.thresholds import limit_lines

# Start of the refId of a query for a limit; it reads no series.
LIMIT: Final = "Limit"
_NAMES: Final = {
    Color.OBJECTIVE_MISSED: "objective",
    Color.WARNING: "warning below",
    Color.CRITICAL: "critical below",
}


def limit_name(color: Color) -> str:
    """Return the name of the line of a limit."""
    return _NAMES[color]


def limit_queries(panel: Panel, tunables: Mapping[str, float]) -> Iterator[tuple[str, str, str]]:
    """Yield the refId, the name and the query of each line of a trend's limits."""
    if panel.view is View.TREND:
        for value, color in limit_lines(panel.limits, tunables):
            yield f"{LIMIT} {limit_name(color)}", limit_name(color), f"vector({value:.9g})"
