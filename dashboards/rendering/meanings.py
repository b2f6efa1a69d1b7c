"""Colours with a meaning: of outcomes, of usual levels and of unknown values.

The table in docs/guides/dashboard.md lists the meanings.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from dashboards.model import USUAL, Color, Panel

# Labels whose values are outcomes.
OUTCOME_LABELS: Final = frozenset({"code", "phase", "rcode", "result", "severity", "state", "status"})
# Colour of an outcome by the last word of a series' name. Several series of one colour get different shades.
OUTCOMES: Final[Mapping[Color, str]] = MappingProxyType(
    {
        Color.GOOD: r"success|delivered|2\d\d|NOERROR|Running|Succeeded|active",
        Color.NEUTRAL: r"1\d\d|3\d\d|idle|in_use|info|low|NXDOMAIN",
        Color.WARNING: r"declined|4\d\d|Pending|warning|medium|waiting|suppressed|idle in transaction( \(aborted\))?",
        Color.CRITICAL: r"failure|failed|abandoned|5\d\d|SERVFAIL|Failed|critical|high|Unknown",
    }
)
USUAL_PATTERN: Final = f"/{USUAL}$/"
UNKNOWN_TEXT: Final = "No data"

_DASHED: Final = {"fill": "dash", "dash": [10, 10]}

# Field properties by id, for the series that a matcher selects.
Properties = Mapping[str, Any]


def outcome_pattern(color: Color) -> str:
    """Return Grafana's notation of the pattern of a colour's outcomes."""
    return f"/(^| )({OUTCOMES[color]})$/"


def meanings(panel: Panel) -> Iterator[tuple[str, Properties]]:
    """Yield, after a pattern of series names in Grafana's notation, the properties of the series of a trend."""
    if any(signal.labels & OUTCOME_LABELS for signal in panel.signals) and not panel.limits:
        for color in OUTCOMES:
            yield outcome_pattern(color), {"color": {"mode": "shades", "fixedColor": color}}
    if any(signal.name.endswith(USUAL) for signal in panel.signals):
        yield USUAL_PATTERN, comparison_line(Color.UNKNOWN)


def comparison_line(color: Color) -> Properties:
    """Return the properties of a line to compare with: dashed, of one colour, without fill."""
    return {
        "color": {"mode": "fixed", "fixedColor": color},
        "custom.lineStyle": _DASHED,
        "custom.fillOpacity": 0,
        "custom.gradientMode": "none",
    }
