"""What is not whole about the boards is named, and the figures can be read by people and machines."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner

import tools.boards.__main__ as command
from synthetic.evaluation import Matrix
from tools.boards.answers import DAYS, EMPTY_IN_HEALTH
from tools.boards.lint import Finding
from tools.boards.rendered_boards import BOARDS, QUERIES
from tools.boards.report import report
from tools.stored_days import StoredDay

FULL = {day: {str(query): [Matrix({}, {0: 1.0})] for query in QUERIES} for day in DAYS}
SOME = str(QUERIES[0])
EXCUSED = next(iter(EMPTY_IN_HEALTH))
FINDING = Finding("some-rule", "bais-cache", "Memory", "It is wrong.")


def without(query: str, day: str) -> dict[str, dict[str, list[Matrix]]]:
    return {each: {**FULL[each], **({query: []} if each == day else {})} for each in DAYS}


def test_where_everything_has_data_and_nothing_is_found_all_is_whole() -> None:
    found = report([], FULL)
    assert found.missing == ()
    assert [board.uid for board in found.boards] == list(BOARDS)
    assert sum(board.targets for board in found.boards) == len(QUERIES)
    assert str(found.answered("incident")) == f"{len(QUERIES)}/{len(QUERIES)}"


@pytest.mark.parametrize("day", DAYS)
def test_a_query_without_data_is_named(day: str) -> None:
    found = report([], without(SOME, day))
    assert found.missing == (f"{SOME}: no data on the day {day}",)
    assert found.answered(day).whole == len(QUERIES) - 1


def test_an_excused_query_is_counted_apart_in_health_and_named_in_trouble() -> None:
    assert report([], without(EXCUSED, "healthy")).missing == ()
    assert str(report([], without(EXCUSED, "healthy")).answered("healthy")).endswith(" + 1 excused")
    assert report([], without(EXCUSED, "incident")).missing == (f"{EXCUSED}: no data on the day incident",)


def test_a_finding_is_named_and_counted_at_its_board() -> None:
    found = report([FINDING], FULL)
    assert found.missing == (str(FINDING),)
    assert {board.uid: board.findings for board in found.boards if board.findings} == {"bais-cache": 1}


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[Finding]], None]:
    """Give the command these findings, and data for every query."""

    @contextlib.contextmanager
    def served(_: Callable[[str], None]) -> Iterator[str]:
        yield "http://127.0.0.1:1"

    def answers(_: str, stored: StoredDay) -> dict[str, list[Matrix]]:
        return FULL[stored.day.name]

    def give(findings: list[Finding]) -> None:
        monkeypatch.setattr(command, "findings", lambda: findings)

    monkeypatch.setattr(command, "serve", served)
    monkeypatch.setattr(command, "answers", answers)
    return give


def test_the_command_prints_a_line_a_board_and_succeeds(answering: Callable[[list[Finding]], None]) -> None:
    answering([])
    shown = CliRunner().invoke(command.main)
    assert shown.exit_code == 0
    lines = shown.stdout.splitlines()
    assert [line.split()[0] for line in lines[1:-1]] == [*BOARDS, "all"]
    assert lines[-1] == "all whole"


def test_the_command_fails_where_something_is_not_whole(answering: Callable[[list[Finding]], None]) -> None:
    answering([FINDING])
    printed = CliRunner().invoke(command.main, ["--json"])
    assert printed.exit_code == 1
    assert json.loads(printed.stdout)["missing"] == [str(FINDING)]
