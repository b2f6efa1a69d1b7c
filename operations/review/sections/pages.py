"""Section: pages, and those at night."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from common.words import counted
from operations.review import charts
from operations.review.data import ReviewData
from operations.review.firings import Firing, Interval, by_alert, merged, seconds_firing
from operations.review.formats import duration, listed
from operations.review.model import Chart, Column, Finding, Impact, Kind, Section, table
from operations.review.night import contains
from routing.routes import GROUP_BY

TITLE: Final = "Pages"
_COLUMNS: Final = (
    Column("page at night"),
    Column("about"),
    Column("began (UTC)", Kind.TIME),
    Column("duration", Kind.DURATION),
)
# Labels that every alert of a stack has in common, or that other columns show.
_COMMON: Final = ("environment", "cluster", "alertname", "area")
_MOST_ROWS_OF_CHART: Final = 14


def section(data: ReviewData) -> Section:
    """Return the pages of the period, with a time line of the critical alerts."""
    paging = [firing for firing in data.firings if firing.pages]
    if not paging:
        return Section(title=TITLE, conclusion="No alert paged.")
    nights = data.night.intervals(data.period)
    pages = _pages(paging)
    at_night = [page for page in pages if contains(nights, page[2])]
    conclusion = (
        f"{counted(len(pages), 'page')}, {len(at_night)} of them at night ({data.night}). "
        "Alerts that were inhibited or silenced are included, because Prometheus does not know."
    )
    tables = (table(_COLUMNS, at_night),) if at_night else ()
    chart = Chart("pages", "Critical alerts over time", _time_line(data, paging, nights))
    return Section(
        title=TITLE, conclusion=conclusion, tables=tables, charts=(chart,), findings=_findings(data, pages, at_night)
    )


def _pages(paging: list[Firing]) -> list[tuple[str, str, int, int]]:
    """Return alert, victim, begin and duration of each page: one per group of Alertmanager while it fires."""
    groups: dict[tuple[str, ...], list[Firing]] = defaultdict(list)
    for firing in paging:
        groups[tuple(firing.labels.get(label, "") for label in GROUP_BY)].append(firing)
    pages = []
    for group, found in groups.items():
        victim = [
            f"{label} {value}" for label, value in zip(GROUP_BY, group, strict=True) if value and label not in _COMMON
        ]
        pages += [(found[0].alert, ", ".join(victim), begin, end - begin) for begin, end in merged(found)]
    return sorted(pages, key=lambda page: page[2])


def _time_line(data: ReviewData, paging: list[Firing], nights: list[Interval]) -> str:
    alerts = by_alert(paging)
    longest = sorted(alerts, key=lambda name: (-seconds_firing(alerts[name]), name))[:_MOST_ROWS_OF_CHART]
    in_order = sorted(longest, key=lambda name: (alerts[name][0].begin, name))
    part = f" ({len(in_order)} of {len(alerts)})" if len(in_order) < len(alerts) else ""
    return charts.time_line(
        f"Critical alerts over time{part}; nights are grey",
        {name: merged(alerts[name]) for name in in_order},
        begin=data.with_data[0][0],
        end=data.period.end,
        shaded=nights,
    )


def _findings(
    data: ReviewData, pages: list[tuple[str, str, int, int]], at_night: list[tuple[str, str, int, int]]
) -> tuple[Finding, ...]:
    if not at_night:
        return ()
    names = [name for name, *_ in sorted(at_night, key=lambda page: -page[3])]
    text = (
        f"{counted(len(at_night), 'page')} of {len(pages)} came {data.night.when}: "
        f"{listed(list(dict.fromkeys(names)))}. The longest lasted {duration(max(page[3] for page in at_night))}. "
        "Change each of these alerts that did not need a person at that time."
    )
    return (Finding(Impact.PAGED_AT_NIGHT, len(at_night), "on call", text),)
