"""Section: alerts that did not fire."""

from __future__ import annotations

from typing import Final

from catalogue.model import AREAS
from common.words import counted
from operations.review.data import ReviewData
from operations.review.formats import duration, share
from operations.review.model import Column, Kind, Section, table

TITLE: Final = "Never fired"
_COLUMNS: Final = (Column("area"), Column("enabled", Kind.COUNT), Column("never fired", Kind.COUNT), Column("alerts"))


def section(data: ReviewData) -> Section:
    """Return the enabled alerts of the catalogue that did not fire, by area."""
    fired = {firing.alert for firing in data.firings}
    enabled = [
        alert
        for name, alert in data.catalogue.catalogue.alerts.items()
        if name not in data.disabled and alert.severity != "none"
    ]
    rows = []
    for area in AREAS:
        names = sorted(alert.name for alert in enabled if alert.area == area)
        silent = [name for name in names if name not in fired]
        if silent:
            rows.append((area, len(names), len(silent), ", ".join(silent)))
    count = sum(row[2] for row in rows)
    conclusion = (
        f"{count} of {counted(len(enabled), 'enabled alert')} ({share(count / max(1, len(enabled)))}) did not fire "
        f"in {duration(data.seconds_with_data)} of data. That is no reason to remove one: "
        "a test proves for each that it fires."
    )
    return Section(title=TITLE, conclusion=conclusion, tables=(table(_COLUMNS, rows),))
