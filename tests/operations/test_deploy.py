"""Deployment of a stack on a cluster of the user; engine and health check are stand-ins."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from operations.cli import main
from operations.health import model
from operations.health.model import Check
from tests.operations.health.healthy_stack import plan

PREVIEW = "preview --stack prod --policy-pack policy"
UP = "up --yes --skip-preview --stack prod --policy-pack policy"
OK, FAILED = model.ok("3 of 3"), model.failed("1 of 2", "restart it")
SIMULATED = model.unknown(model.UnknownError("pods are simulated", "none", simulated=True))


class Environment:
    """A stand-in for the engine, which fails at the commands in `failing`, and results of each health check in turn."""

    def __init__(self, folder: Path) -> None:
        self.log, self.failing = folder / "log", folder / "failing"
        self.engine = folder / "pulumi"
        self.engine.write_text(f'#!/bin/sh\necho "$@" >> {self.log}\n! grep -qx "$1" {self.failing} 2>/dev/null\n')
        self.engine.chmod(0o755)
        self.results: list[list[model.Result]] = [[OK]]
        self.now = 0.0

    @property
    def commands(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []

    def run(self) -> tuple[datetime, list[Check]]:
        found = self.results.pop(0) if len(self.results) > 1 else self.results[0]
        return datetime.now(UTC), [Check(group="storage", name="claims", result=result) for result in found]

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    plan = plan()


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    environment = Environment(tmp_path)

    @contextlib.contextmanager
    def health_check(stack: str, console: object) -> Iterator[Environment]:
        yield environment

    monkeypatch.setenv("PATH", os.environ["PATH"])  # The command changes it, and a test must not.
    monkeypatch.setattr("operations.deploy.binary", lambda name: environment.engine)
    monkeypatch.setattr("operations.deploy.prepare_remote", lambda stack: None)
    monkeypatch.setattr("operations.deploy.health_check", health_check)
    monkeypatch.setattr("operations.deploy.time.sleep", environment.sleep)
    monkeypatch.setattr("operations.deploy.time.monotonic", lambda: environment.now)
    return environment


def deploy(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(main, ["deploy", "--stack", "prod", *arguments], input=answer)


def test_the_update_follows_a_preview_and_a_confirmation(environment: Environment) -> None:
    result = deploy(answer="y\n")
    assert environment.commands == [PREVIEW, UP]
    assert result.exit_code == 0


def test_without_a_confirmation_nothing_is_changed(environment: Environment) -> None:
    for answer in ("n\n", ""):
        result = deploy(answer=answer)
        assert result.exit_code == 1
    assert environment.commands == [PREVIEW, PREVIEW]


def test_with_yes_no_question_is_asked(environment: Environment) -> None:
    result = deploy("--yes")
    assert environment.commands == [PREVIEW, UP]
    assert "?" not in result.output


@pytest.mark.parametrize(("failing", "commands"), [("preview", [PREVIEW]), ("up", [PREVIEW, UP])])
def test_a_failed_step_is_the_last_one(environment: Environment, failing: str, commands: list[str]) -> None:
    environment.failing.write_text(f"{failing}\n")
    assert deploy("--yes").exit_code == 1
    assert environment.commands == commands


def test_what_may_still_start_is_waited_for(environment: Environment) -> None:
    environment.results = [[FAILED], [FAILED], [OK]]
    assert deploy("--yes").exit_code == 0
    assert environment.now == 20


def test_what_does_not_change_for_a_minute_has_failed(environment: Environment) -> None:
    environment.results = [[OK, FAILED]]
    assert deploy("--yes").exit_code == 1
    assert environment.now == 60


def test_a_stack_that_never_settles_fails_after_three_minutes(environment: Environment) -> None:
    environment.results = [[model.failed(f"{number} of 99", "wait")] for number in range(99)]
    assert deploy("--yes").exit_code == 1
    assert environment.now == 180


def test_simulated_pods_are_not_waited_for_and_are_not_healthy(environment: Environment) -> None:
    environment.results = [[OK, SIMULATED]]
    assert deploy("--yes").exit_code == 2
    assert environment.now == 0


def test_an_unknown_stack_is_one_line_before_anything_else(environment: Environment) -> None:
    result = CliRunner().invoke(main, ["deploy", "--stack", "prdo", "--yes"])
    assert (result.exit_code, environment.commands) == (2, [])
    expected = "Error: STACK: found 'prdo'; allowed: prod (did you mean that?), or one of local, prod, staging\n"
    assert result.output == expected
