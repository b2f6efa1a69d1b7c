"""Lint rules for time series: colours, lines, limits, legends and axes."""

import re
from collections.abc import Iterator
from typing import Any, Final

from grafana_foundation_sdk.models import units

from dashboards.model import USUAL, Color
from dashboards.rendering.limits import LIMIT
from dashboards.rendering.meanings import OUTCOME_LABELS, OUTCOMES, USUAL_PATTERN, outcome_pattern
from tools.boards.lint.judged import is_judged
from tools.boards.lint.model import Panel, Subject
from tools.boards.lint.panels import overrides
from tools.boards.rendered_boards import queries

_LABEL: Final = re.compile(r"{{\s*(\w+)\s*}}")
# Labels with so many values that a chart must choose.
_MANY: Final = frozenset(
    {
        *("container", "cronjob", "device", "horizontalpodautoscaler", "job_name", "mountpoint"),
        *("persistentvolumeclaim", "queryid", "route", "rule_group", "scrape_job", "source", "usename"),
    }
)
_CHOICE: Final = re.compile(r"\b(topk|bottomk)\(")
# From this limit on, Grafana's ticks on an axis in seconds are not round in minutes.
_LONG_SECONDS: Final = 120
# Minimum width, in columns, of a legend with this many numbers.
_NUMBERS_BY_WIDTH: Final = ((12, 3), (6, 2), (0, 1))


def fill_only_stacked(subject: Subject) -> Iterator[tuple[str, str]]:
    """Forbid fill under lines that are not stacked: it looks like a sum."""
    for panel in _trends(subject):
        custom = _custom(panel)
        if custom["stacking"]["mode"] == "none" and custom.get("fillOpacity"):
            yield panel["title"], "its lines are filled but not stacked"


def outcomes_colored(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require the colours of outcomes: a success is green and a failure is red on every board."""
    for panel in _trends(subject):
        if _labels(panel) & OUTCOME_LABELS and not is_judged(panel):
            for color in OUTCOMES:
                shown = overrides(panel, "color").get(outcome_pattern(color), {})
                if shown.get("fixedColor") != color:
                    yield panel["title"], f"outcomes that mean {color} have another colour"


def usual_levels_dashed(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require a grey dashed line for a usual level."""
    for panel in _trends(subject):
        if any(target["legendFormat"].endswith(USUAL) for target in panel["targets"]):
            color = overrides(panel, "color").get(USUAL_PATTERN, {})
            line = overrides(panel, "custom.lineStyle").get(USUAL_PATTERN, {})
            if (color.get("fixedColor"), line.get("fill")) != (Color.UNKNOWN, "dash"):
                yield panel["title"], "its usual level is not a grey dashed line"


def limits_color_lines(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require lines that change their colour at a limit."""
    for panel in _trends(subject):
        if is_judged(panel):
            mode = panel["fieldConfig"]["defaults"].get("color", {}).get("mode")
            if (mode, _custom(panel).get("gradientMode")) != ("thresholds", "scheme"):
                yield panel["title"], "its lines keep their colour beyond a limit"


def lower_limits_alarm(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require lower limits as lines of their own: Grafana draws a threshold in the colour above it, here green."""
    for panel in _trends(subject):
        steps = panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", [])
        if len(steps) > 1 and steps[0]["color"] != Color.GOOD:
            lines = sum(target["refId"].startswith(LIMIT) for target in panel["targets"])
            if lines < len(steps) - 1 or _custom(panel)["thresholdsStyle"]["mode"] != "off":
                yield panel["title"], "its lower limits look like targets"


def legends_sorted(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require a legend with the worst last value on top, and as many numbers as fit."""
    for panel in _trends(subject):
        legend = panel["options"]["legend"]
        most = next(numbers for width, numbers in _NUMBERS_BY_WIDTH if panel["gridPos"]["w"] >= width)
        if legend.get("sortBy") != "Last" or legend["calcs"][-1:] != ["last"]:
            yield panel["title"], "its legend is not sorted by the last value"
        if len(legend["calcs"]) > most:
            yield panel["title"], f"its legend has more than {most} numbers, which leaves no room for names"


def axis_bounded(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require an upper end of the axis; Grafana's own for values of 0 is 100, or 10000 %."""
    for panel in _trends(subject):
        if panel["fieldConfig"]["defaults"].get("max") is None and not _custom(panel).get("axisSoftMax"):
            yield panel["title"], "its axis ends at 100 where all values are 0"


def durations_round(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require minutes, hours or days for long durations; an axis in seconds has ticks such as 1.67 min."""
    for panel in _trends(subject):
        defaults = panel["fieldConfig"]["defaults"]
        limits = [step["value"] or 0 for step in defaults.get("thresholds", {}).get("steps", [])]
        if defaults.get("unit") == units.Seconds and max(limits, default=0) >= _LONG_SECONDS:
            yield panel["title"], "its axis has no round values: show minutes, hours or days, with `PartOf` limits"


def few_series(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require a choice of series where a label has many values."""
    for panel in _trends(subject):
        for target in queries(panel):
            many = set(_LABEL.findall(target["legendFormat"])) & _MANY
            if many and not _CHOICE.search(target["expr"]):
                yield panel["title"], f"it shows every {', '.join(sorted(many))}: choose with topk or bottomk"


def _trends(subject: Subject) -> Iterator[Panel]:
    return (panel for panel in subject.panels if panel["type"] == "timeseries")


def _custom(panel: Panel) -> dict[str, Any]:
    found: dict[str, Any] = panel["fieldConfig"]["defaults"].get("custom", {})
    return found


def _labels(panel: Panel) -> set[str]:
    return {label for target in panel["targets"] for label in _LABEL.findall(target["legendFormat"])}
