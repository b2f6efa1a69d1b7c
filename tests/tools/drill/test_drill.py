"""One scenario through the whole chain: real Prometheus, real Alertmanager, production's rules and routes.

The platform is synthetic; Slack, PagerDuty and the mail server stand in, on loopback. `make drill` plays all scenarios.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from synthetic import scenarios, targets
from tools.delivery.stacks import Stack, stack
from tools.drill.outcome import Outcome
from tools.drill.report import write_report
from tools.drill.run import run_scenario

SPEED = 60
NAME = "database-down"


def without_its_route(whole: Stack) -> Stack:
    """The same stack, in which no route takes what is critical."""
    configuration = copy.deepcopy(whole.configuration)
    routes = configuration["route"]["routes"]
    configuration["route"]["routes"] = [route for route in routes if route["receiver"] != "critical"]
    assert len(configuration["route"]["routes"]) == len(routes) - 1
    return replace(whole, configuration=configuration)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Outcome]:
    """What becomes of the scenario: as it is, of a stack that lacks a route, and where nothing is expected of it."""
    scenario, whole = scenarios.load(targets.load())[NAME], stack("prod")
    drills = {
        "whole": (scenario, whole),
        "routeless": (scenario, without_its_route(whole)),
        "unforeseen": (replace(scenario, expects=()), whole),
    }
    with ThreadPoolExecutor() as pool:
        played = {
            name: pool.submit(run_scenario, each, drilled, tmp_path_factory.mktemp("drill") / name, speed=SPEED)
            for name, (each, drilled) in drills.items()
        }
    return {name: outcome.result() for name, outcome in played.items()}


def test_everybody_hears_of_a_problem_and_of_nothing_else(outcomes: Mapping[str, Outcome]) -> None:
    outcome = outcomes["whole"]
    (heard,) = outcome.expected
    assert (outcome.problems, outcome.unexpected) == ((), ())
    assert (heard.alert, heard.state) == ("PostgresDown", "delivered")
    assert set(heard.found) == {"PagerDuty", "#bais-critical", "on-call@bais.example"}
    assert outcome.passed


def test_a_route_that_is_missing_fails_the_drill(outcomes: Mapping[str, Outcome]) -> None:
    (heard,) = outcomes["routeless"].expected
    assert heard.state == "astray"
    # The root route pages and shouts in its place, and writes no mail.
    assert "on-call@bais.example" not in heard.found
    assert not outcomes["routeless"].passed


def test_an_alert_that_nobody_foresaw_fails_the_drill(outcomes: Mapping[str, Outcome]) -> None:
    assert [heard.alert for heard in outcomes["unforeseen"].unexpected] == ["PostgresDown"]
    assert not outcomes["unforeseen"].passed


def test_the_report_shows_every_message_as_text(outcomes: Mapping[str, Outcome], tmp_path: Path) -> None:
    hostile = replace(outcomes["whole"], problems=("<script>alert(1)</script>",))
    write_report(tmp_path / "report.html", "prod", [hostile])
    page = (tmp_path / "report.html").read_text()
    assert "PostgreSQL does not answer." in page
    assert "PagerDuty" in page
    assert "[FIRING 1] prod: PostgresDown postgresql" in page
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
