"""Lint rules for unknown values: they are grey, never green."""

from collections.abc import Iterator
from typing import Final

from dashboards.model import Color
from dashboards.rendering.limits import LIMIT
from dashboards.rendering.meanings import UNKNOWN_TEXT
from dashboards.signals.freshness import WATCHDOG
from tools.boards.lint.judged import is_judged, show
from tools.boards.lint.model import Subject

_PRESENT: Final = ("stat", "bargauge", "table")
_SHOWING_UNKNOWN: Final = (*_PRESENT, "state-timeline")


def present_only(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require the present in single values, bars and tables; a range would show its last value as the current one."""
    for panel in subject.panels:
        calculations = panel.get("options", {}).get("reduceOptions", {}).get("calcs", ["last"])
        instant = all(target.get("instant") and not target.get("range") for target in panel["targets"])
        if panel["type"] in _PRESENT and not (instant and calculations == ["last"]):
            yield panel["title"], "it does not show the present: an instant query, reduced by `last`"


def zero_while_fresh(subject: Subject) -> Iterator[tuple[str, str]]:
    """Forbid a constant in a query; for an empty result, `zero_if_fresh` yields 0 only while scraping works."""
    for panel, target in subject.targets:
        if "vector(" in target["expr"] and not target["refId"].startswith(LIMIT):
            yield panel["title"], f"query {target['refId']} yields a constant even if nothing is known"


def judged_while_fresh(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require a judgement of the present that depends on the Watchdog: old data says nothing about now."""
    for panel in subject.panels:
        judged = panel["type"] in _PRESENT and is_judged(panel)
        if judged and not any(WATCHDOG in target["expr"] for target in panel["targets"]):
            yield panel["title"], "it judges its values even while scraping does not work"


def unknown_is_gray(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require grey and a text for missing values, and no fixed text for an empty result."""
    for panel in subject.panels:
        defaults = panel["fieldConfig"]["defaults"]
        if panel["type"] in _SHOWING_UNKNOWN and show(panel, "", None) != (UNKNOWN_TEXT, Color.UNKNOWN):
            yield panel["title"], f"it does not show a missing value as {UNKNOWN_TEXT} in {Color.UNKNOWN}"
        if defaults.get("noValue"):
            yield panel["title"], f"it shows {defaults['noValue']!r} even if nothing is known; use `or_none`"
