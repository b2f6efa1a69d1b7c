"""Validation of a silence before the request to Alertmanager."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from operations.silences import SilenceError, alertmanager_url, expire_arguments, silence_request
from operations.stacks import UnknownStackError

NOW: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)
GOOD: Final = {"matchers": "alertname=NodeCpuHigh", "reason": "a disk is replaced", "duration": "2h", "until": ""}


def rejected_parameters(**changes: str) -> list[str]:
    """Return the names of the rejected parameters."""
    with pytest.raises(SilenceError) as raised:
        silence_request(**(GOOD | changes), now=NOW)
    return [line.partition(":")[0].strip() for line in str(raised.value).splitlines()[1:]]


def test_a_silence_has_matchers_a_reason_and_an_end() -> None:
    matchers = 'alertname=NodeCpuHigh node="a b" service=~"api|\\"worker" team!=web'
    valid_request = silence_request(**(GOOD | {"matchers": matchers}), now=NOW)
    assert valid_request.matchers == ("alertname=NodeCpuHigh", 'node="a b"', 'service=~"api|\\"worker"', "team!=web")
    assert valid_request.arguments[:4] == (
        "silence", "add", "--comment=a disk is replaced", "--end=2026-11-23T14:00:00Z",
    )  # fmt: skip
    assert valid_request.arguments[4:] == ("--", *valid_request.matchers)


def test_the_end_can_be_in_any_time_zone() -> None:
    valid_request = silence_request(**(GOOD | {"duration": "", "until": "2026-11-24T08:00+01:00"}), now=NOW)
    assert valid_request.end == datetime(2026, 11, 24, 7, tzinfo=UTC)


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
def test_all_problems_are_reported_at_once(changes: dict[str, str], keys: list[str]) -> None:
    assert rejected_parameters(**changes) == keys


def test_the_maximum_duration_is_30_days() -> None:
    assert silence_request(**(GOOD | {"duration": "30d"}), now=NOW).end == NOW + timedelta(days=30)


@pytest.mark.parametrize("identifier", ["", "all", "../silences"])
def test_only_a_valid_id_can_be_expired(identifier: str) -> None:
    with pytest.raises(SilenceError, match=r"^ID: found"):
        expire_arguments(identifier)


def test_without_a_url_the_error_explains_port_forwarding() -> None:
    assert alertmanager_url("http://here", "staging") == "http://here"
    assert alertmanager_url("", "prod") == "https://alertmanager.bais.example"
    with pytest.raises(SilenceError, match="port-forward service/alertmanager 9093"):
        alertmanager_url("", "staging")


def test_an_unknown_stack_is_named_with_those_that_exist() -> None:
    with pytest.raises(UnknownStackError, match=r"STACK: found 'prd'; allowed: prod \(did you mean that\?\)"):
        alertmanager_url("", "prd")
