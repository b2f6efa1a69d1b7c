"""What a silence must have before Alertmanager is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from operations.silences import SilenceError, alertmanager_url, expire_arguments, silence_request

NOW: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)
GOOD: Final = {"matchers": "alertname=NodeCpuHigh", "reason": "a disk is replaced", "duration": "2h", "until": ""}


def refused(**changes: str) -> list[str]:
    """The names of what is refused."""
    with pytest.raises(SilenceError) as raised:
        silence_request(**(GOOD | changes), now=NOW)
    return [line.partition(":")[0].strip() for line in str(raised.value).splitlines()[1:]]


def test_a_silence_is_asked_for_with_reason_and_end() -> None:
    matchers = 'alertname=NodeCpuHigh node="a b" service=~"api|\\"worker" team!=web'
    made = silence_request(**(GOOD | {"matchers": matchers}), now=NOW)
    assert made.matchers == ("alertname=NodeCpuHigh", 'node="a b"', 'service=~"api|\\"worker"', "team!=web")
    assert made.arguments[:4] == (
        "silence", "add", "--comment=a disk is replaced", "--end=2026-11-23T14:00:00Z",
    )  # fmt: skip
    assert made.arguments[4:] == ("--", *made.matchers)


def test_its_end_may_be_a_time_of_any_zone() -> None:
    made = silence_request(**(GOOD | {"duration": "", "until": "2026-11-24T08:00+01:00"}), now=NOW)
    assert made.end == datetime(2026, 11, 24, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        ({"matchers": ""}, ["MATCHERS"]),
        ({"matchers": "NodeCpuHigh"}, ["MATCHERS"]),
        ({"matchers": "alertname=NodeCpuHigh, node=a b"}, ["MATCHERS"]),
        ({"matchers": "alertname=NodeCpuHigh,"}, ["MATCHERS"]),
        ({"matchers": 'node="a'}, ["MATCHERS"]),
        ({"matchers": "alertname!=NodeCpuHigh"}, ["MATCHERS"]),
        ({"reason": "  "}, ["REASON"]),
        ({"duration": ""}, ["FOR, UNTIL"]),
        ({"until": "2026-11-24T08:00Z"}, ["FOR, UNTIL"]),
        ({"duration": "soon"}, ["FOR"]),
        ({"duration": "0s"}, ["FOR"]),
        ({"duration": "31d"}, ["FOR"]),
        ({"duration": "9999999y"}, ["FOR"]),
        ({"duration": "", "until": "tomorrow"}, ["UNTIL"]),
        ({"duration": "", "until": "2026-11-24T08:00"}, ["UNTIL"]),
        ({"duration": "", "until": "2026-11-23T11:00Z"}, ["UNTIL"]),
        ({"matchers": "", "reason": "", "duration": ""}, ["MATCHERS", "REASON", "FOR, UNTIL"]),
    ],
)
def test_everything_that_is_wrong_is_said_at_once(changes: dict[str, str], keys: list[str]) -> None:
    assert refused(**changes) == keys


def test_the_longest_silence_is_a_month() -> None:
    assert silence_request(**(GOOD | {"duration": "30d"}), now=NOW).end == NOW + timedelta(days=30)


@pytest.mark.parametrize("identifier", ["", "all", "../silences"])
def test_only_a_silence_can_be_ended(identifier: str) -> None:
    with pytest.raises(SilenceError, match=r"^ID: found"):
        expire_arguments(identifier)


def test_without_an_address_it_says_how_to_get_one() -> None:
    assert alertmanager_url("http://here", "prod") == "http://here"
    with pytest.raises(SilenceError, match="port-forward service/alertmanager 9093"):
        alertmanager_url("", "prod")
