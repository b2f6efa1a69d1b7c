"""What a person and a machine get of a health check."""

from __future__ import annotations

import json

import pytest

from operations.health.model import Check, Result, UnknownError, exit_code, failed, ok, unknown, warning
from operations.health.report import as_json, summary, text
from tests.operations.health.healthy_stack import NOW, plan

OK, WARNING, FAILED = ok("3 of 3"), warning("12 days", "renew it"), failed("1 of 2", "restart it", "api")
UNKNOWN = unknown(UnknownError("pods are simulated", "none", simulated=True))


def checks(*results: Result) -> list[Check]:
    return [Check(group="storage", name="claims", result=result) for result in results]


@pytest.mark.parametrize(
    ("results", "code"),
    [
        ([OK], 0),
        ([OK, WARNING], 0),
        ([OK, UNKNOWN], 2),
        ([UNKNOWN, FAILED], 1),
        ([], 2),
    ],
)
def test_the_exit_code_is_that_of_the_worst_check_and_warnings_are_allowed(results: list[Result], code: int) -> None:
    assert exit_code(checks(*results)) == code


def test_each_check_is_a_line_with_what_to_do_below_it_and_the_verdict_is_last() -> None:
    assert text(plan(), NOW, checks(OK, WARNING, FAILED, UNKNOWN)).plain.splitlines() == [
        "stack prod, namespace monitoring, 2026-11-29 03:00:00 UTC",
        "STORAGE",
        "  ok       claims       3 of 3",
        "  warning  claims       12 days",
        "           -> renew it",
        "  FAILED   claims: api  1 of 2",
        "           -> restart it",
        "  unknown  claims       pods are simulated",
        "",
        "not healthy: 1 ok, 1 warning (storage), 1 unknown (storage), 1 failed (storage)",
    ]


def test_the_verdict_is_healthy_only_if_everything_is_known() -> None:
    assert summary(checks(OK, WARNING)) == "healthy: 1 ok, 1 warning (storage)"
    assert summary(checks(OK, UNKNOWN)) == "could not be determined completely: 1 ok, 1 unknown (storage)"


def test_json_has_every_check_with_its_fields_and_the_exit_code() -> None:
    report = json.loads(json.dumps(as_json(plan(), NOW, checks(FAILED, UNKNOWN))))
    assert (report["stack"], report["at"], report["exit_code"]) == ("prod", "2026-11-29T03:00:00+00:00", 1)
    assert report["checks"][0] == {
        "group": "storage",
        "check": "claims",
        "subject": "api",
        "state": "failed",
        "value": "1 of 2",
        "action": "restart it",
        "simulated": False,
    }
    assert report["checks"][1]["simulated"]
