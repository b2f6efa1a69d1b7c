"""Section: security events."""

from __future__ import annotations

from typing import Final

from common.words import counted
from operations.review.data import ReviewData
from operations.review.firings import by_alert
from operations.review.formats import count, listed
from operations.review.model import Cell, Column, Kind, Section, table
from operations.review.readings import UnknownError

TITLE: Final = "Security"
_AREA: Final = "security"
_EVENTS: Final = {
    "security_sign_ins": "failed sign-ins",
    "security_denied": "requests denied, status",
    "security_rate_limited": "requests above a rate limit",
    "security_suspicious": "suspicious events",
    "security_admin_actions": "administrative actions",
}
_COLUMNS: Final = (
    Column("event"),
    Column("kind"),
    Column("count", Kind.COUNT),
    Column("period before", Kind.COUNT),
)


def section(data: ReviewData) -> Section:
    """Return the security events against the period before, and the security alerts that fired."""
    rows: list[tuple[Cell, ...]] = []
    unknown: list[str] = []
    totals: list[str] = []
    for query, event in _EVENTS.items():
        try:
            found = data.readings.series(query)
        except UnknownError as error:
            unknown.append(str(error))
            continue
        before = {tuple(one.labels.items()): one.last for one in data.readings.before.get(query, ())}
        counts = sorted(
            ((", ".join(one.labels.values()), one.last, before.get(tuple(one.labels.items()))) for one in found),
            key=lambda each: (-each[1], each[0]),
        )
        totals.append(f"{count(sum(each[1] for each in counts))} {event.partition(',')[0]}")
        rows += [(event, *each) for each in counts if round(each[1]) or round(each[2] or 0)]
    if not totals and len(unknown) == len(_EVENTS):
        raise UnknownError("; ".join(unknown))
    return Section(
        title=TITLE,
        conclusion=f"{_alerts(data, unknown)} {', '.join(totals[:-1])} and {totals[-1]}.",
        tables=(table(_COLUMNS, rows, most=25),) if rows else (),
        unknown=tuple(unknown),
    )


def _alerts(data: ReviewData, unknown: list[str]) -> str:
    try:
        alerts = by_alert(firing for firing in data.firings if firing.area == _AREA)
    except UnknownError as error:
        unknown.append(str(error))
        return "Whether security alerts fired is unknown."
    if not alerts:
        return "No security alert fired."
    names = [f"{name} ({len(found)})" for name, found in alerts.items()]
    return f"{counted(len(alerts), 'security alert')} fired: {listed(names)}."
