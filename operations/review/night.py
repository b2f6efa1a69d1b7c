"""The hours in which people should not be paged: the quiet hours of the stack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from operations.review.firings import Interval, union
from operations.review.period import Period
from settings.notifications import QuietHours

_SATURDAY: Final = 5


@dataclass(frozen=True)
class Night:
    """The hours outside business hours.

    Attributes:
        begin: Time of day at which they begin.
        end: Time of day at which they end, of the next day if it is before `begin`.
        zone: Time zone.
        weekends: Whether they include all of Saturday and Sunday.
        configured: Whether they are those of the settings.
    """

    begin: time
    end: time
    zone: ZoneInfo
    weekends: bool
    configured: bool

    def __str__(self) -> str:
        """Return the hours in words."""
        weekends = " and weekends" if self.weekends else ""
        source = "" if self.configured else ", as the stack has no quietHours"
        return f"{self.begin:%H:%M} to {self.end:%H:%M} {self.zone.key}{weekends}{source}"

    @property
    def when(self) -> str:
        """Return the hours in a few words."""
        return f"at night{' or on a weekend' if self.weekends else ''}"

    def intervals(self, period: Period) -> list[Interval]:
        """Return the nights in a period, merged where a night and a weekend overlap."""
        clipped = ((max(begin, period.begin), min(end, period.end)) for begin, end in self._each_day(period))
        return union((begin, end) for begin, end in clipped if begin < end)

    def _each_day(self, period: Period) -> Iterator[Interval]:
        day = datetime.fromtimestamp(period.begin, self.zone).date() - timedelta(days=1)
        last = datetime.fromtimestamp(period.end, self.zone).date()
        while day <= last:
            begin = datetime.combine(day, self.begin, self.zone)
            end = datetime.combine(day if self.begin < self.end else day + timedelta(days=1), self.end, self.zone)
            yield int(begin.timestamp()), int(end.timestamp())
            if self.weekends and day.weekday() >= _SATURDAY:
                midnights = (datetime.combine(day + timedelta(days=n), time(), self.zone) for n in (0, 1))
                first, second = (int(midnight.timestamp()) for midnight in midnights)
                yield first, second
            day += timedelta(days=1)


def night(quiet_hours: QuietHours | None) -> Night:
    """Return the quiet hours of a stack, or common ones."""
    if quiet_hours is None:
        return Night(time(20), time(6), ZoneInfo("UTC"), weekends=True, configured=False)
    begin, end = (time.fromisoformat(each) for each in (quiet_hours.begin, quiet_hours.end))
    return Night(begin, end, ZoneInfo(quiet_hours.timezone), quiet_hours.weekends, configured=True)


def contains(intervals: list[Interval], moment: int) -> bool:
    """Return whether a moment is in one of the intervals."""
    return any(begin <= moment < end for begin, end in intervals)
