"""Tests that every dashboard matches Grafana's schema, and that six kinds of fault are found."""

import copy
from collections.abc import Callable
from typing import Any, Final

import pytest

from tools.boards.lint import findings
from tools.boards.rendered_boards import BOARDS
from tools.boards.schema import schema_problems

pytestmark = pytest.mark.slow

Board = dict[str, Any]
UID: Final = "bais-production"


def panel(board: Board, title: str) -> dict[str, Any]:
    """Return the panel with a title."""
    return next(panel for panel in board["panels"] if panel["title"] == title)


def fields(board: Board, title: str) -> dict[str, Any]:
    found: dict[str, Any] = panel(board, title)["fieldConfig"]["defaults"]
    return found


# Faults, each with the lint rule that finds it; without one, the strict check of the schema does.
FAULTS: Final[dict[str, tuple[Callable[[Board], object], str]]] = {
    "a misspelt field": (lambda board: panel(board, "Error rate")["options"].update(colourMode="none"), ""),
    "a wrong type": (lambda board: fields(board, "Response time")["custom"].update(fillOpacity="30"), ""),
    "an unknown value of an enum": (
        lambda board: panel(board, "Error rate")["options"].update(colorMode="backgroud"),
        "enums-known",
    ),
    "an unknown field": (lambda board: board.update(titel="BAIS"), ""),
    "a missing unit": (lambda board: fields(board, "Error rate").pop("unit"), "panel-units"),
    "unordered thresholds": (
        lambda board: fields(board, "Response time")["thresholds"]["steps"].reverse(),
        "thresholds-rise",
    ),
}


def test_every_board_matches_the_strict_schema() -> None:
    assert schema_problems(BOARDS) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str) -> None:
    board = copy.deepcopy(dict(BOARDS[UID]))
    plant, rule = FAULTS[fault]
    plant(board)
    found = findings([board], exclusions=[], rules=[rule]) if rule else schema_problems({UID: board})
    assert found
