"""Tests of the dashboard report: problems, figures and output formats."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from click.testing import CliRunner

import tools.boards.__main__ as command
from synthetic.evaluation import Matrix
from tools.boards.lint import Finding
from tools.boards.query_results import DAYS, EMPTY_IN_HEALTH
from tools.boards.rendered_boards import BOARDS, QUERIES
from tools.boards.report import report
from tools.stored_days import StoredDay

FULL: Final = {day: {str(query): [Matrix({}, {0: 1.0})] for query in QUERIES} for day in DAYS}
SOME: Final = str(QUERIES[0])
EXCUSED: Final = next(iter(EMPTY_IN_HEALTH))
FINDING: Final = Finding("some-rule", "bais-cache", "Memory", "It is wrong.")


def without(query: str, day: str) -> dict[str, dict[str, list[Matrix]]]:
    return {each: {**FULL[each], **({query: []} if each == day else {})} for each in DAYS}


def test_no_problems_if_every_query_has_data_and_there_are_no_findings() -> None:
    found = report([], FULL)
    assert found.problems == ()
    assert [board.uid for board in found.boards] == list(BOARDS)
    assert sum(board.targets for board in found.boards) == len(QUERIES)
    assert str(found.coverage("incident")) == f"{len(QUERIES)}/{len(QUERIES)}"


@pytest.mark.parametrize("day", DAYS)
def test_a_query_without_data_is_reported(day: str) -> None:
    found = report([], without(SOME, day))
    assert found.problems == (f"{SOME}: no data on the day {day}",)
    assert found.coverage(day).with_data == len(QUERIES) - 1


def test_an_excused_query_is_counted_on_a_healthy_day_and_reported_on_an_incident_day() -> None:
    assert report([], without(EXCUSED, "healthy")).problems == ()
    assert str(report([], without(EXCUSED, "healthy")).coverage("healthy")).endswith(" + 1 excused")
    assert report([], without(EXCUSED, "incident")).problems == (f"{EXCUSED}: no data on the day incident",)


def test_a_finding_is_reported_and_counted_for_its_board() -> None:
    found = report([FINDING], FULL)
    assert found.problems == (str(FINDING),)
    assert {board.uid: board.findings for board in found.boards if board.findings} == {"bais-cache": 1}


@pytest.fixture
def give_findings(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[Finding]], None]:
    """Make the command see given findings, and data for every query."""

    @contextlib.contextmanager
    def served(_: Callable[[str], None]) -> Iterator[str]:
        yield "http://127.0.0.1:1"

    def query_results(_: str, stored: StoredDay) -> dict[str, list[Matrix]]:
        return FULL[stored.day.name]

    def give(findings: list[Finding]) -> None:
        monkeypatch.setattr(command, "findings", lambda: findings)

    monkeypatch.setattr(command, "serve", served)
    monkeypatch.setattr(command, "query_results", query_results)
    return give


def test_the_command_prints_one_line_per_board_and_succeeds(give_findings: Callable[[list[Finding]], None]) -> None:
    give_findings([])
    result = CliRunner().invoke(command.main)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines[1:-1]] == [*BOARDS, "all"]
    assert lines[-1] == "no problems"


def test_the_command_fails_on_a_problem(give_findings: Callable[[list[Finding]], None]) -> None:
    give_findings([FINDING])
    printed = CliRunner().invoke(command.main, ["--json"])
    assert printed.exit_code == 1
    assert json.loads(printed.stdout)["problems"] == [str(FINDING)]
