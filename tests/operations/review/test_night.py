"""Nights: the quiet hours of a stack."""

from __future__ import annotations

from datetime import UTC, datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from operations.review.night import Night, contains, night
from operations.review.period import Period
from settings.notifications import QuietHours

WEEK = Period("7d", int(datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp()))


def is_night(hours: Night, text: str) -> bool:
    return contains(hours.intervals(WEEK), int(datetime.fromisoformat(text).timestamp()))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-24T19:59+00:00", False),
        ("2026-11-24T20:00+00:00", True),
        ("2026-11-25T05:59+00:00", True),
        ("2026-11-25T06:00+00:00", False),
        # A Saturday, and the Monday after.
        ("2026-11-21T12:00+00:00", True),
        ("2026-11-23T12:00+00:00", False),
    ],
)
def test_nights_are_the_quiet_hours_and_weekends(moment: str, expected: bool) -> None:
    hours = Night(time(20), time(6), ZoneInfo("UTC"), weekends=True, configured=True)
    assert is_night(hours, moment) is expected


def test_hours_within_a_day_and_without_weekends() -> None:
    hours = Night(time(1), time(5), ZoneInfo("UTC"), weekends=False, configured=True)
    assert is_night(hours, "2026-11-21T02:00+00:00")
    assert not is_night(hours, "2026-11-21T12:00+00:00")


def test_the_hours_are_in_the_time_zone_of_the_stack() -> None:
    settings = QuietHours(begin="22:00", end="07:00", timezone="America/New_York", weekends=False, warnings=True)
    assert is_night(night(settings), "2026-11-25T11:59+00:00")
    assert not is_night(night(settings), "2026-11-24T22:00+00:00")


def test_a_night_and_a_weekend_that_overlap_are_one_interval() -> None:
    hours = Night(time(20), time(6), ZoneInfo("UTC"), weekends=True, configured=True)
    intervals = hours.intervals(WEEK)
    assert all(earlier[1] < later[0] for earlier, later in pairwise(intervals))


@pytest.mark.parametrize(("weekends", "words"), [(True, "at night or on a weekend"), (False, "at night")])
def test_pages_of_a_weekend_are_not_called_pages_at_night(weekends: bool, words: str) -> None:
    assert Night(time(20), time(6), ZoneInfo("UTC"), weekends=weekends, configured=True).when == words


def test_without_quiet_hours_the_review_says_that_it_assumes_some() -> None:
    assert str(night(None)) == "20:00 to 06:00 UTC and weekends, as the stack has no quietHours"
