"""Data of a review for the tests of its sections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from catalogue import objectives
from catalogue.stack import for_stack
from operations.review.data import ReviewData
from operations.review.night import Night
from operations.review.period import Period
from operations.review.prometheus import Rule, Series
from operations.review.queries import Scope
from operations.review.readings import Readings

DAY: Final = 86400
# A Wednesday at noon.
END: Final = int(datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp())
PERIOD: Final = Period("7d", END)
NIGHT: Final = Night(time(20), time(6), ZoneInfo("UTC"), weekends=True, configured=True)
SCRAPED: Final = dict.fromkeys(range(PERIOD.begin + 60, PERIOD.end + 1, 60), 3.0)


def value(number: float, **labels: str) -> Series:
    """Return a series with a value at the end of the period."""
    return Series(labels, {END: number})


def over_time(values: Sequence[float], **labels: str) -> Series:
    """Return a series with a value per day, the last one at the end of the period."""
    return Series(labels, {END - DAY * (len(values) - 1 - number): each for number, each in enumerate(values)})


def firing(
    alert: str, *minutes: tuple[int, int], severity: str = "critical", area: str = "api", **labels: str
) -> Series:
    """Return the series of an alert that fires from a minute before the end to another one."""
    moments = [END - 60 * minute for first, last in minutes for minute in range(first, last, -1)]
    own = {"alertname": alert, "severity": severity, "area": area, "catalogue": "bais"}
    return Series({**own, **labels}, dict.fromkeys(moments, 1.0))


def data(
    found: Mapping[str, Sequence[Series]] | None = None,
    *,
    before: Mapping[str, Sequence[Series]] | None = None,
    reasons: Mapping[str, str] | None = None,
    rules: Sequence[Rule] | str = (),
    silences: Sequence[Mapping[str, Any]] | str = (),
    tunables: Mapping[str, float] | None = None,
    disabled: frozenset[str] = frozenset(),
) -> ReviewData:
    """Return the data of a review with these results of queries, of a week with complete data and evaluated rules.

    A query with a reason has no result.
    """
    results = {"scraped_targets": [Series({}, SCRAPED)], "heartbeat": [value(1)], "alerts": (), **(found or {})}
    known = {name: series for name, series in results.items() if name not in (reasons or {})}
    return ReviewData(
        period=PERIOD,
        scope=Scope(period=PERIOD.name, step=PERIOD.step, stack=("monitoring",), services=("bais",)),
        readings=Readings(known, before or {}, reasons or {}),
        catalogue=for_stack(tunables=tunables or {}),
        disabled=disabled,
        objectives=objectives.load(),
        night=NIGHT,
        rules=rules,
        silences=silences,
        now=END,
    )
