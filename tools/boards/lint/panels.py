"""Rules about what a panel says and how it looks."""

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from grafana_foundation_sdk.models import units

from dashboards.model import Color
from tools.boards.lint.model import Panel, Subject
from tools.boards.lint.variables import texts

CHOSEN: Final = {"type": "prometheus", "uid": "${datasource}"}
UNITS: Final = {value for name, value in vars(units).items() if isinstance(value, str) and not name.startswith("_")}
# What a value can be in a unit; below 0 nothing is limited.
_RANGES: Final = {units.PercentUnit: (0.0, 1.0), units.Percent: (0.0, 100.0)}
_ANY_AMOUNT: Final = (0.0, float("inf"))

_FIXED: Final = re.compile(r"#[0-9a-fA-F]{3,8}|(rgb|hsl)a?\(.*\)")
_COLOR_KEYS: Final = ("color", "fixedColor", "iconColor")
# In each of these Grafana itself sees to the contrast of text and what is behind it.
_STAT_MODES: Final = ("none", "value", "background", "background_solid")
_CELL_TYPES: Final = ("auto", "color-text", "color-background", "gauge", "sparkline", "data-links")


def panel_datasource(subject: Subject) -> Iterator[tuple[str, str]]:
    """A panel and its queries ask the chosen data source."""
    for panel in subject.panels:
        if any(each.get("datasource") != CHOSEN for each in (panel, *panel.get("targets", []))):
            yield panel["title"], "it or a query of it does not ask the chosen data source"


def panel_title_description(subject: Subject) -> Iterator[tuple[str, str]]:
    """A panel has a title, and a sentence that says more than it."""
    for panel in subject.panels:
        title, first = panel.get("title", ""), panel.get("description", "").split("\n\n")[0]
        if not title or not first.endswith(".") or first.rstrip(".").lower() == title.lower():
            yield title or "an untitled panel", "its description is not a sentence that says more than its title"


def panel_units(subject: Subject) -> Iterator[tuple[str, str]]:
    """The values of a panel have a unit that Grafana knows."""
    for panel in subject.panels:
        used = [panel["fieldConfig"]["defaults"].get("unit"), *own(panel, "unit").values()]
        for unit in (unit for unit in used if unit not in UNITS):
            yield panel["title"], f"Grafana knows no unit {unit}"


def panel_no_targets(subject: Subject) -> Iterator[tuple[str, str]]:
    """A panel asks something."""
    for panel in subject.panels:
        if not panel.get("targets"):
            yield panel["title"], "it has no query"


def thresholds_rise(subject: Subject) -> Iterator[tuple[str, str]]:
    """Colours begin at the bottom and each holds from a higher value on."""
    for panel in subject.panels:
        for _, thresholds in limited(panel):
            values = [step["value"] for step in thresholds["steps"]]
            if thresholds["mode"] != "absolute" or values[:1] != [None] or None in values[1:]:
                yield panel["title"], "its colours do not begin with a base"
            elif values[1:] != sorted(set(values[1:])):
                yield panel["title"], f"its thresholds do not rise: {values[1:]}"


def thresholds_sane(subject: Subject) -> Iterator[tuple[str, str]]:
    """A threshold is a value that the unit can have: 80 of 1 is never reached."""
    for panel in subject.panels:
        for unit, thresholds in limited(panel):
            low, high = _RANGES.get(unit, _ANY_AMOUNT)
            for step in thresholds["steps"][1:]:
                if step["value"] is not None and not low <= step["value"] <= high:
                    yield panel["title"], f"a threshold of {step['value']} is none of {unit}"


def thresholds_of_alerts(subject: Subject) -> Iterator[tuple[str, str]]:
    """A panel that an alert opens turns to the alert's colour where the alert fires."""
    for panel in subject.panels:
        shown = {pair for _, thresholds in limited(panel) for pair in _colored(thresholds["steps"])}
        for limit in subject.known.limits.get((subject.board["uid"], panel["id"]), ()):
            if not {(limit.number, limit.color), (round(1 - limit.number, 9), limit.color)} & shown:
                yield (
                    panel["title"],
                    f"it is not {limit.color} at {limit.number:g}, the {limit.tunable} of {limit.alert}",
                )


def colors_named(subject: Subject) -> Iterator[tuple[str, str]]:
    """Colours are the house's, by name: Grafana draws each so that it can be read in the dark and in the light."""
    for place, part in (
        *((panel["title"], panel) for panel in subject.panels),
        *((mark["name"], mark) for mark in subject.board["annotations"]["list"]),
    ):
        fixed = {text for text in texts(part) if _FIXED.fullmatch(text)}
        for color in sorted((set(_colors(part)) - set(Color)) | fixed):
            yield place, f"its colour {color} is none of {', '.join(Color)}"


def colors_readable(subject: Subject) -> Iterator[tuple[str, str]]:
    """Coloured text stands on the theme's own background, and on a coloured one Grafana chooses the text's colour."""
    for panel in subject.panels:
        mode = panel.get("options", {}).get("colorMode", "none")
        custom = panel["fieldConfig"]["defaults"].get("custom", {}).get("cellOptions", {})
        for cell in (custom, *own(panel, "custom.cellOptions").values()):
            if cell.get("type", "auto") not in _CELL_TYPES:
                yield panel["title"], f"a cell's kind {cell['type']} does not see to the contrast of its text"
        if mode not in _STAT_MODES:
            yield panel["title"], f"its colour mode {mode} does not see to the contrast of its text"


def no_sum_of_rates(subject: Subject) -> Iterator[tuple[str, str]]:
    """No legend or single value adds up over time what is no amount."""
    for panel in subject.panels:
        options = panel.get("options", {})
        chosen = [*options.get("legend", {}).get("calcs", []), *options.get("reduceOptions", {}).get("calcs", [])]
        if {"sum", "total"} & set(chosen):
            yield panel["title"], "it adds up values over time"


def limited(panel: Panel) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The thresholds of a panel and of each of its signals that has its own, each with the unit."""
    defaults = panel["fieldConfig"]["defaults"]
    if "thresholds" in defaults:
        yield str(defaults.get("unit")), defaults["thresholds"]
    named = own(panel, "unit")
    for name, thresholds in own(panel, "thresholds").items():
        yield str(named.get(name, defaults.get("unit"))), thresholds


def own(panel: Panel, property_id: str) -> dict[str, Any]:
    """What the overrides of a panel set a property to, by the signal that they match."""
    return {
        str(override["matcher"].get("options")): each["value"]
        for override in panel["fieldConfig"].get("overrides", [])
        for each in override["properties"]
        if each["id"] == property_id
    }


def _colored(steps: list[Mapping[str, Any]]) -> Iterator[tuple[float, str]]:
    """Each threshold with the colours on both sides of it."""
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
