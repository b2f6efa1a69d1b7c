"""A drill scenario end to end, with rules and routes of production.

The platform, Slack, PagerDuty and the mail server are simulated on loopback. `make drill` runs all scenarios.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from synthetic import scenarios, targets
from tools.delivery.stacks import Stack, stack
from tools.drill.outcome import Outcome
from tools.drill.report import write_report
from tools.drill.run import run_scenario

SPEED: Final = 60
NAME: Final = "database-down"


def without_critical_route(whole: Stack) -> Stack:
    """Return the stack without the route for critical alerts."""
    configuration = copy.deepcopy(whole.configuration)
    routes = configuration["route"]["routes"]
    configuration["route"]["routes"] = [route for route in routes if route["receiver"] != "critical"]
    assert len(configuration["route"]["routes"]) == len(routes) - 1
    return replace(whole, configuration=configuration)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Outcome]:
    """Run the scenario unchanged, with a missing route, and without expected alerts."""
    scenario, whole = scenarios.load(targets.load())[NAME], stack("prod")
    drills = {
        "whole": (scenario, whole),
        "missing route": (scenario, without_critical_route(whole)),
        "nothing expected": (replace(scenario, expects=()), whole),
    }
    with ThreadPoolExecutor() as pool:
        futures = {
            name: pool.submit(run_scenario, each, drilled, tmp_path_factory.mktemp("drill") / name, speed=SPEED)
            for name, (each, drilled) in drills.items()
        }
    return {name: outcome.result() for name, outcome in futures.items()}


def test_the_expected_alert_is_delivered_and_no_other(outcomes: Mapping[str, Outcome]) -> None:
    outcome = outcomes["whole"]
    (result,) = outcome.expected
    assert (outcome.problems, outcome.unexpected) == ((), ())
    assert (result.alert, result.state) == ("PostgresDown", "delivered")
    assert set(result.arrivals) == {"PagerDuty", "#bais-critical", "on-call@bais.example"}
    assert outcome.passed


def test_a_missing_route_fails_the_drill(outcomes: Mapping[str, Outcome]) -> None:
    (result,) = outcomes["missing route"].expected
    assert result.state == "misrouted"
    # The root route takes the alert instead: it pages and posts to Slack, but sends no mail.
    assert "on-call@bais.example" not in result.arrivals
    assert not outcomes["missing route"].passed


def test_an_unexpected_alert_fails_the_drill(outcomes: Mapping[str, Outcome]) -> None:
    assert [result.alert for result in outcomes["nothing expected"].unexpected] == ["PostgresDown"]
    assert not outcomes["nothing expected"].passed


def test_the_report_escapes_message_texts(outcomes: Mapping[str, Outcome], tmp_path: Path) -> None:
    hostile = replace(outcomes["whole"], problems=("<script>alert(1)</script>",))
    write_report(tmp_path / "report.html", "prod", [hostile])
    page = (tmp_path / "report.html").read_text()
    assert "PostgreSQL does not respond." in page
    assert "PagerDuty" in page
    assert "[FIRING 1] prod: PostgresDown postgresql" in page
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
