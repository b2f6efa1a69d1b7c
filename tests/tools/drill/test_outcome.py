"""A drill fails whenever somebody hears too little, too much, or nothing."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tools.drill.__main__ import delays_above_minimum, passed, summary
from tools.drill.outcome import AlertResult, Outcome

WANTED = frozenset({"#bais-alerts", "PagerDuty"})


def heard(found: Mapping[str, float], *, muted_by: tuple[str, ...] = (), floor: float = 10) -> AlertResult:
    return AlertResult("ApiDown", "critical", WANTED, found, muted_by, floor)


def outcome(
    *expected: AlertResult, unexpected: tuple[AlertResult, ...] = (), problems: tuple[str, ...] = (), speed: float = 1
) -> Outcome:
    return Outcome("scenario", "Something breaks.", speed, expected, unexpected, problems, ())


EVERYWHERE = heard({"#bais-alerts": 9, "PagerDuty": 9.5})


@pytest.mark.parametrize(
    ("found", "muted_by", "state", "reached"),
    [
        ({"#bais-alerts": 9.0, "PagerDuty": 9.5}, (), "delivered", True),
        ({"#bais-alerts": 9.0}, (), "astray", False),
        ({"#bais-alerts": 9.0, "PagerDuty": 9.5, "management@bais.example": 9.0}, (), "astray", False),
        ({"PagerDuty": 9.5}, ("ClusterDown",), "astray", False),
        ({}, ("ClusterDown",), "muted", True),
        ({}, (), "silent", False),
    ],
)
def test_an_alert_has_reached_whom_it_is_for_or_was_muted(
    found: dict[str, float], muted_by: tuple[str, ...], state: str, reached: bool
) -> None:
    result = heard(found, muted_by=muted_by)
    assert (result.state, result.reached) == (state, reached)


def test_a_drill_in_which_all_is_heard_of_passes() -> None:
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
        outcome(heard({})),
        outcome(EVERYWHERE, unexpected=(heard({}),)),
        outcome(EVERYWHERE, problems=("a rule cannot be evaluated",)),
    ],
    ids=["silent", "unexpected", "problem"],
)
def test_anything_else_fails_it(failed: Outcome) -> None:
    assert not passed([outcome(EVERYWHERE), failed])
    assert summary([outcome(EVERYWHERE), failed])["scenarios_passed"] == 1


def test_what_is_not_scaled_has_to_come_within_a_second_of_its_floor() -> None:
    late = outcome(heard({"#bais-alerts": 11.5, "PagerDuty": 11.5}))
    assert delays_above_minimum([late]) == [1.5]
    assert not passed([late])
    assert passed([outcome(heard({"#bais-alerts": 11.5, "PagerDuty": 11.5}), speed=30)])
