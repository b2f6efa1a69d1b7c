"""The command `health`: output, exit code and repetition; what it reads is a stand-in."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import datetime

import pytest
from click.testing import CliRunner, Result

from operations.cli import main
from operations.health import model
from operations.health.model import Check
from tests.operations.health.healthy_stack import NOW, plan

OK, FAILED = model.ok("3 of 3"), model.failed("1 of 2", "restart it")


class Repeated:
    """A health check with one result after the other, which an interrupt ends."""

    plan = plan()

    def __init__(self, results: list[model.Result]) -> None:
        self.results = results
        self.slept: list[float] = []

    def run(self) -> tuple[datetime, list[Check]]:
        return NOW, [Check(group="storage", name="claims", result=self.results.pop(0))]

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if not self.results:
            raise KeyboardInterrupt


def health(monkeypatch: pytest.MonkeyPatch, results: list[model.Result], *arguments: str) -> tuple[Result, Repeated]:
    check = Repeated(results)

    @contextlib.contextmanager
    def health_check(stack: str, console: object) -> Iterator[Repeated]:
        yield check

    monkeypatch.setattr("operations.health.command.health_check", health_check)
    monkeypatch.setattr("operations.health.command.time.sleep", check.sleep)
    return CliRunner().invoke(main, ["health", "--stack", "prod", *arguments]), check


@pytest.mark.parametrize(("result", "code"), [(OK, 0), (FAILED, 1)])
def test_one_report_ends_with_its_exit_code(monkeypatch: pytest.MonkeyPatch, result: model.Result, code: int) -> None:
    found, check = health(monkeypatch, [result], "--json")
    assert (found.exit_code, json.loads(found.output)["exit_code"], check.slept) == (code, code, [])


def test_watch_repeats_until_interrupted_and_ends_with_the_last_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    found, check = health(monkeypatch, [OK, OK, FAILED], "--watch", "--json")
    assert [json.loads(line)["exit_code"] for line in found.output.splitlines()] == [0, 0, 1]
    assert (found.exit_code, check.slept) == (1, [15, 15, 15])
