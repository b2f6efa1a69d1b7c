"""Lint rules for names: of series, bars, states and columns."""

import re
from collections.abc import Iterator
from typing import Final

from tools.boards.lint.model import Panel, Subject
from tools.boards.rendered_boards import queries

_LABEL: Final = re.compile(r"{{\s*(\w+)\s*}}")
# Minimum width, in columns, of a state timeline, by the number of labels in its names.
_WIDTHS: Final = {0: 6, 1: 6, 2: 8}
_WIDEST: Final = 12


def single_name_kept(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require a display name of bars, and names of values with labels; Grafana drops the name of a single one."""
    for panel in subject.panels:
        if panel["type"] == "bargauge" and not panel["fieldConfig"]["defaults"].get("displayName"):
            yield panel["title"], "its only bar has no name: set a display name"
        named = any(_LABEL.search(target["legendFormat"]) for target in panel["targets"]) or len(panel["targets"]) > 1
        if panel["type"] == "stat" and named and panel["options"].get("textMode") != "value_and_name":
            yield panel["title"], "its only value has no name: set the text mode value_and_name"


def bars_have_maximum(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require a maximum of bars; Grafana's own is the longest bar, which is then always full."""
    for panel in subject.panels:
        if panel["type"] == "bargauge" and panel["fieldConfig"]["defaults"].get("max") is None:
            yield panel["title"], "its longest bar is always full: set `highest`"


def headings_readable(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require words as headings of tables, instead of names of labels."""
    for panel in subject.panels:
        for step in panel.get("transformations", []):
            options = step["options"]
            for column in options.get("indexByName", ()):
                shown = options.get("renameByName", {}).get(column, column)
                if not (shown[:1].isupper() or shown[:1].isdigit()) or "_" in shown:
                    yield panel["title"], f"the heading {shown!r} is not a word"


def sums_named_by_title(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require the panel's title as the legend of its only series without labels."""
    for panel in subject.panels:
        targets = queries(panel)
        if len(targets) == 1 and panel["type"] not in ("table", "heatmap"):
            legend = targets[0]["legendFormat"]
            if not _LABEL.search(legend) and legend != panel["title"]:
                yield panel["title"], f"its only series is named {legend!r}"


def states_have_room(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require a state timeline that is wide enough for the names beside it."""
    for panel in subject.panels:
        if panel["type"] == "state-timeline" and panel["gridPos"]["w"] < _needed(panel):
            yield panel["title"], f"its names need {_needed(panel)} columns"


def _needed(panel: Panel) -> int:
    labels = max(len(_LABEL.findall(target["legendFormat"])) for target in panel["targets"])
    return _WIDTHS.get(labels, _WIDEST)
