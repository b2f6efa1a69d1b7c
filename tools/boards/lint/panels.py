"""Lint rules for panels."""

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from grafana_foundation_sdk.models import units

from dashboards.model import Color
from dashboards.units import DAY, HOUR, MINUTE
from tools.boards.lint.model import Panel, Subject
from tools.boards.lint.variables import iter_texts

DATASOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
UNITS: Final = {value for name, value in vars(units).items() if isinstance(value, str) and not name.startswith("_")}
# Possible values of a unit; limits are never below 0.
_RANGES: Final = {units.PercentUnit: (0.0, 1.0), units.Percent: (0.0, 100.0)}
_ANY_AMOUNT: Final = (0.0, float("inf"))

# Units of dashboards/units.py, in Grafana's notation of units that it has no name for.
_OWN_UNIT: Final = re.compile(r"(suffix|count):\S.*")
_MISLEADING: Final = {
    units.CountsPerSecond: "is shown as c/s; use per_second or PER_MINUTE of dashboards/units.py",
    units.Days: "shows 90 days as 12.9 weeks; use DAYS of dashboards/units.py",
    units.Hours: "shows 30 hours as 1.25 days; use HOURS of dashboards/units.py",
}

_FIXED: Final = re.compile(r"#[0-9a-fA-F]{3,8}|(rgb|hsl)a?\(.*\)")
_COLOR_KEYS: Final = ("color", "fixedColor", "iconColor")
# In these modes Grafana ensures the contrast between text and background.
_STAT_MODES: Final = ("none", "value", "background", "background_solid")
_CELL_TYPES: Final = ("auto", "color-text", "color-background", "gauge", "sparkline", "data-links")


def panel_datasource(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require the selected data source in a panel and its queries."""
    for panel in subject.panels:
        if any(each.get("datasource") != DATASOURCE for each in (panel, *panel.get("targets", []))):
            yield panel["title"], "it or one of its queries does not use ${datasource}"


def panel_title_description(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require a title, and a description that adds to it."""
    for panel in subject.panels:
        title, first = panel.get("title", ""), panel.get("description", "").split("\n\n")[0]
        if not title or not first.endswith(".") or first.rstrip(".").lower() == title.lower():
            yield title or "an untitled panel", "its description is not a sentence that adds to its title"


def panel_units(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require a unit that Grafana knows."""
    for panel in subject.panels:
        used = [panel["fieldConfig"]["defaults"].get("unit"), *overrides(panel, "unit").values()]
        for unit in used:
            if unit not in UNITS and not _OWN_UNIT.fullmatch(str(unit)):
                yield panel["title"], f"{unit} is not a unit of Grafana"
            elif unit in _MISLEADING:
                yield panel["title"], f"the unit {unit} {_MISLEADING[unit]}"


def panel_no_targets(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require a query."""
    for panel in subject.panels:
        if not panel.get("targets"):
            yield panel["title"], "it has no query"


def thresholds_rise(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require thresholds that start with a base and rise."""
    for panel in subject.panels:
        for _, thresholds in iter_thresholds(panel):
            values = [step["value"] for step in thresholds["steps"]]
            if thresholds["mode"] != "absolute" or values[:1] != [None] or None in values[1:]:
                yield panel["title"], "its thresholds do not start with a base"
            elif values[1:] != sorted(set(values[1:])):
                yield panel["title"], f"its thresholds do not rise: {values[1:]}"


def thresholds_sane(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require thresholds within the range of the unit: a ratio never reaches 80."""
    for panel in subject.panels:
        for unit, thresholds in iter_thresholds(panel):
            low, high = _RANGES.get(unit, _ANY_AMOUNT)
            for step in thresholds["steps"][1:]:
                if step["value"] is not None and not low <= step["value"] <= high:
                    yield panel["title"], f"the threshold {step['value']} is outside the range of {unit}"


def thresholds_of_alerts(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require the alert's colour at the alert's limit on the panel that the alert opens."""
    for panel in subject.panels:
        thresholds_shown = {pair for _, thresholds in iter_thresholds(panel) for pair in _colored(thresholds["steps"])}
        for limit in subject.available.limits.get((subject.board["uid"], panel["id"]), ()):
            numbers = (limit.number, 1 - limit.number, *(limit.number / seconds for seconds in (MINUTE, HOUR, DAY)))
            if not {(round(number, 9), limit.color) for number in numbers} & thresholds_shown:
                yield (
                    panel["title"],
                    f"it is not {limit.color} at {limit.number:g}, the {limit.tunable} of {limit.alert}",
                )


def colors_named(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require the project's named colours, which are readable in the dark and the light theme."""
    for place, part in (
        *((panel["title"], panel) for panel in subject.panels),
        *((each["name"], each) for each in subject.board["annotations"]["list"]),
    ):
        fixed = {text for text in iter_texts(part) if _FIXED.fullmatch(text)}
        for color in sorted((set(_colors(part)) - set(Color)) | fixed):
            yield place, f"its colour {color} is not one of {', '.join(Color)}"


def colors_readable(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require colour modes in which Grafana ensures the contrast of the text."""
    for panel in subject.panels:
        mode = panel.get("options", {}).get("colorMode", "none")
        custom = panel["fieldConfig"]["defaults"].get("custom", {}).get("cellOptions", {})
        for cell in (custom, *overrides(panel, "custom.cellOptions").values()):
            if cell.get("type", "auto") not in _CELL_TYPES:
                yield panel["title"], f"the cell type {cell['type']} does not ensure the contrast of its text"
        if mode not in _STAT_MODES:
            yield panel["title"], f"its colour mode {mode} does not ensure the contrast of its text"


def no_sum_of_rates(subject: Subject) -> Iterator[tuple[str, str]]:
    """Forbid sums over time in legends and single values, because rates and ratios cannot be added."""
    for panel in subject.panels:
        options = panel.get("options", {})
        calculations = [*options.get("legend", {}).get("calcs", []), *options.get("reduceOptions", {}).get("calcs", [])]
        if {"sum", "total"} & set(calculations):
            yield panel["title"], "it sums values over time"


def iter_thresholds(panel: Panel) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the thresholds of a panel and of its field overrides, each after its unit."""
    defaults = panel["fieldConfig"]["defaults"]
    if "thresholds" in defaults:
        yield str(defaults.get("unit")), defaults["thresholds"]
    units_by_field = overrides(panel, "unit")
    for name, thresholds in overrides(panel, "thresholds").items():
        yield str(units_by_field.get(name, defaults.get("unit"))), thresholds


def overrides(panel: Panel, property_id: str) -> dict[str, Any]:
    """Return the values that field overrides set for a property, by the field that they match."""
    return {
        str(override["matcher"].get("options")): each["value"]
        for override in panel["fieldConfig"].get("overrides", [])
        for each in override["properties"]
        if each["id"] == property_id
    }


def _colored(steps: list[Mapping[str, Any]]) -> Iterator[tuple[float, str]]:
    """Yield each threshold with the colour on each side of it."""
    for before, step in itertools.pairwise(steps):
        yield round(step["value"], 9), step["color"]
        yield round(step["value"], 9), before["color"]


def _colors(part: object) -> Iterator[str]:
    if isinstance(part, Mapping):
        for key, value in part.items():
            if key in _COLOR_KEYS and isinstance(value, str):
                yield value
            yield from _colors(value)
    elif isinstance(part, list):
        for each in part:
            yield from _colors(each)
