"""Outcome of a drill: it fails for missing, misrouted and unexpected alerts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pytest

from tools.drill.__main__ import delays_above_minimum, passed, summary
from tools.drill.outcome import AlertResult, Outcome

EXPECTED_AT: Final = frozenset({"#bais-alerts", "PagerDuty"})


def result_of(
    arrivals: Mapping[str, float], *, muted_by: tuple[str, ...] = (), minimum_delay: float = 10
) -> AlertResult:
    return AlertResult("ApiDown", "critical", EXPECTED_AT, arrivals, muted_by, minimum_delay)


def outcome(
    *expected: AlertResult, unexpected: tuple[AlertResult, ...] = (), problems: tuple[str, ...] = (), speed: float = 1
) -> Outcome:
    return Outcome("scenario", "Something breaks.", speed, expected, unexpected, problems, ())


EVERYWHERE: Final = result_of({"#bais-alerts": 9, "PagerDuty": 9.5})


@pytest.mark.parametrize(
    ("arrivals", "muted_by", "state", "correct"),
    [
        ({"#bais-alerts": 9.0, "PagerDuty": 9.5}, (), "delivered", True),
        ({"#bais-alerts": 9.0}, (), "misrouted", False),
        ({"#bais-alerts": 9.0, "PagerDuty": 9.5, "management@bais.example": 9.0}, (), "misrouted", False),
        ({"PagerDuty": 9.5}, ("ClusterDown",), "misrouted", False),
        ({}, ("ClusterDown",), "muted", True),
        ({}, (), "not delivered", False),
    ],
)
def test_an_alert_is_correct_if_delivered_as_expected_or_muted(
    arrivals: dict[str, float], muted_by: tuple[str, ...], state: str, correct: bool
) -> None:
    result = result_of(arrivals, muted_by=muted_by)
    assert (result.state, result.correct) == (state, correct)


def test_a_drill_with_only_correct_alerts_passes() -> None:
    assert passed([outcome(EVERYWHERE)])
    assert summary([outcome(EVERYWHERE)]) == {
        "scenarios": 1,
        "scenarios_passed": 1,
        "alerts": 1,
        "alerts_reached": 1,
        "unexpected": 0,
    }


@pytest.mark.parametrize(
    "failed",
    [
        outcome(result_of({})),
        outcome(EVERYWHERE, unexpected=(result_of({}),)),
        outcome(EVERYWHERE, problems=("a rule cannot be evaluated",)),
    ],
    ids=["not delivered", "unexpected", "problem"],
)
def test_a_drill_with_any_failure_fails(failed: Outcome) -> None:
    assert not passed([outcome(EVERYWHERE), failed])
    assert summary([outcome(EVERYWHERE), failed])["scenarios_passed"] == 1


def test_an_unscaled_message_must_arrive_within_a_second_of_the_minimum_delay() -> None:
    late = outcome(result_of({"#bais-alerts": 11.5, "PagerDuty": 11.5}))
    assert delays_above_minimum([late]) == [1.5]
    assert not passed([late])
    assert passed([outcome(result_of({"#bais-alerts": 11.5, "PagerDuty": 11.5}), speed=30)])
