"""Which stack has notified in which minute, from the messages that arrived."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from local.demo.message_log import LoggedMessage
from tools.migration.minutes import NAME, NEW_CHANNEL, OLD_CHANNEL, Minute, minutes

START: Final = datetime(2026, 11, 29, 12, 7, tzinfo=UTC)
FIRST: Final = int(START.timestamp()) // 60


def message(address: str, *numbers: int, resolved: bool = False) -> LoggedMessage:
    text = " ".join(f"{NAME} minute-{FIRST + number}-end" for number in numbers)
    return LoggedMessage(at="", address=address, title="", resolved=resolved, text=text)


def test_a_minute_without_a_notification_is_found() -> None:
    messages = [message(OLD_CHANNEL, 0, 1), message(NEW_CHANNEL, 1), message(NEW_CHANNEL, 3), message("#other", 2)]
    assert minutes(messages, START + timedelta(minutes=4)) == [
        Minute(start="12:07", old=True, new=False),
        Minute(start="12:08", old=True, new=True),
        Minute(start="12:09", old=False, new=False),
        Minute(start="12:10", old=False, new=True),
    ]


def test_a_resolution_is_not_a_notification() -> None:
    messages = [message(OLD_CHANNEL, 0), message(OLD_CHANNEL, 1, resolved=True)]
    assert [each.old for each in minutes(messages, START + timedelta(minutes=2))] == [True, False]


def test_the_minute_that_is_not_over_and_silence_before_the_first_message_do_not_count() -> None:
    assert minutes([message(OLD_CHANNEL, 2)], START + timedelta(minutes=3, seconds=59)) == [
        Minute(start="12:09", old=True, new=False)
    ]
    assert minutes([], START) == []
