"""Tests that the golden files of boards are current, and that one changed panel is a small diff."""

import difflib
import json
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from dashboards import stack
from dashboards.model import Board
from tools.boards.rendered_boards import BOARDS, ENVIRONMENT, RULES, TUNABLES
from tools.golden.boards import FOLDER, board_files, render_json
from tools.golden.listing import COMMAND

CURRENT: Final = board_files()


@pytest.mark.parametrize("path", CURRENT, ids=lambda path: path.stem)
def test_golden_boards_are_current(path: Path) -> None:
    assert path.is_file(), f"run: {COMMAND}"
    assert path.read_text(encoding="utf-8") == CURRENT[path], f"run: {COMMAND}"


def test_no_golden_file_of_a_removed_board_remains() -> None:
    assert set(FOLDER.iterdir()) == set(CURRENT)


@pytest.mark.parametrize("value", [*BOARDS.values(), {}, [], {"a": []}, [[1, "ä"], {"b": {"c": "x" * 200}}]])
def test_the_golden_file_contains_the_board(value: object) -> None:
    assert json.loads(render_json(value)) == value


def changed_lines(uid: str, **changed: object) -> int:
    """Return the number of lines by which a changed board differs from the golden file."""
    arguments = {"environment": ENVIRONMENT, "tunables": TUNABLES, "overrides": {}, "boards": stack.BOARDS, **changed}
    other = json.loads(stack.render(RULES, **arguments)[uid])  # type: ignore[arg-type]  # the caller passes valid arguments
    compared = difflib.ndiff(CURRENT[FOLDER / f"{uid}.json"].splitlines(), render_json(other).splitlines())
    return sum(line[0] in "+-" for line in compared)


def test_a_changed_title_changes_two_lines() -> None:
    def renamed(board: Board) -> Board:
        (row, *rows) = board.rows
        (panel, *panels) = row.panels
        return replace(board, rows=(replace(row, panels=(replace(panel, title="Renamed"), *panels)), *rows))

    boards = tuple(renamed(board) if board.uid == "bais-cache" else board for board in stack.BOARDS)
    assert changed_lines("bais-cache", boards=boards) == 2


def test_a_changed_tunable_changes_a_few_lines() -> None:
    assert 0 < changed_lines("bais-cache", tunables={**TUNABLES, "redis_memory_ratio": 0.77}) <= 8
