"""Section: which alerts fired, how often and for how long."""

from __future__ import annotations

from typing import Final

from common.words import counted
from operations.review.data import ReviewData
from operations.review.firings import Firing, by_alert, flaps, seconds_firing
from operations.review.formats import duration, listed
from operations.review.model import Column, Finding, Impact, Kind, Section, table

TITLE: Final = "Alerts"
# A warning that fires for longer than this leads to no action.
_IGNORED_SECONDS: Final = 24 * 3600
_COLUMNS: Final = (
    Column("alert"),
    Column("severity"),
    Column("firings", Kind.COUNT),
    Column("time firing", Kind.DURATION),
    Column("longest", Kind.DURATION),
    Column("flapped", Kind.COUNT),
    Column("at the end"),
)


def section(data: ReviewData) -> Section:
    """Return the alerts of the period, those that fired most often first."""
    found = by_alert(data.firings)
    if not found:
        return Section(title=TITLE, conclusion="No alert fired.")
    ordered = sorted(found.items(), key=lambda each: (-len(each[1]), -seconds_firing(each[1]), each[0]))
    critical = [firing for firing in data.firings if firing.severity == "critical"]
    often = [f"{name} ({len(each)})" for name, each in ordered]
    conclusion = (
        f"{counted(len(found), 'alert')} fired {counted(len(data.firings), 'time')}, most often {listed(often)}. "
        f"Critical alerts fired for {duration(seconds_firing(critical))}."
    )
    rows = [_row(name, each, data.period.end) for name, each in ordered]
    return Section(title=TITLE, conclusion=conclusion, tables=(table(_COLUMNS, rows),), findings=_findings(data, found))


def _row(name: str, found: list[Firing], end: int) -> tuple[str | int, ...]:
    longest = max(firing.seconds for firing in found)
    state = "fires" if _still_fires(found, end) else "resolved"
    return name, found[0].severity, len(found), seconds_firing(found), longest, flaps(found), state


def _findings(data: ReviewData, found: dict[str, list[Firing]]) -> tuple[Finding, ...]:
    by_area: dict[str, dict[str, list[Firing]]] = {}
    for name, each in found.items():
        if each[0].pages:
            by_area.setdefault(each[0].area, {})[name] = each
    return tuple(_critical(data, area, alerts) for area, alerts in by_area.items()) + tuple(
        _ignored(name, each)
        for name, each in found.items()
        if each[0].severity != "critical" and seconds_firing(each) > _IGNORED_SECONDS
    )


def _critical(data: ReviewData, area: str, alerts: dict[str, list[Firing]]) -> Finding:
    total = seconds_firing([firing for each in alerts.values() for firing in each])
    longest = sorted(alerts, key=lambda name: (-seconds_firing(alerts[name]), name))
    names = listed([f"{name} ({duration(seconds_firing(alerts[name]))})" for name in longest])
    sentences = [
        f"Critical alerts fired for {duration(total)}: {names}.",
        _impact(data, longest),
        _action(data, alerts),
    ]
    return Finding(Impact.CRITICAL_ALERT, total, area, " ".join(filter(None, sentences)))


def _impact(data: ReviewData, names: list[str]) -> str:
    """Return what the first of the alerts means for customers, except those on error budgets, which the budgets say."""
    of_budgets = tuple(objective.alert for objective in data.objectives)
    known = data.catalogue.catalogue.alerts
    impacts = (known[name].annotations["impact"] for name in names if name in known and not name.startswith(of_budgets))
    return next(impacts, "")


def _action(data: ReviewData, alerts: dict[str, list[Firing]]) -> str:
    """Return what to do about the alerts that fire at the end; empty if none does."""
    known = data.catalogue.catalogue.alerts
    still = [name for name in sorted(alerts) if name in known and _still_fires(alerts[name], data.period.end)]
    return " ".join(f"{name} fires at the end: {known[name].annotations['action']}" for name in still)


def _still_fires(found: list[Firing], end: int) -> bool:
    # The last sample can be a step before the end.
    return any(firing.begin + firing.seconds >= end for firing in found)


def _ignored(name: str, found: list[Firing]) -> Finding:
    total = seconds_firing(found)
    text = f"{name} ({found[0].severity}) fired for {duration(total)}: fix the cause, or change the alert."
    return Finding(Impact.WARNING_IGNORED, total, found[0].area, text)
