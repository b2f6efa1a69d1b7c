"""Tests that require the npm packages of tools/pictures, which `make pictures` installs."""

from __future__ import annotations

import copy
import subprocess
from collections.abc import Callable
from typing import Any, Final

import pytest

from dashboards.defaults import BOARDS
from tools.pictures import node
from tools.pictures.node import NodeError, check_types

pytestmark = pytest.mark.skipif(
    not node.PACKAGES.exists(), reason="npm packages are not installed; `make pictures` installs them"
)

Board = dict[str, Any]
UID: Final = "bais-production"


def panel(board: Board, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in board["panels"] if each["type"] == kind)
    return found


def options(board: Board, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = panel(board, kind)["options"]
    return found


def fields(board: Board, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = panel(board, kind)["fieldConfig"]["defaults"]
    return found


def override(name: str, value: object) -> dict[str, Any]:
    return {"matcher": {"id": "byName", "options": "a"}, "properties": [{"id": name, "value": value}]}


# Changes that make a board invalid.
INVALID: Final[dict[str, Callable[[Board], object]]] = {
    "an unknown value of an option": lambda board: options(board, "stat").update(colorMode="backgroud"),
    "an option of another panel type": lambda board: options(board, "stat").update(mergeValues=True),
    "a string instead of a number": lambda board: fields(board, "timeseries")["custom"].update(fillOpacity="30"),
    "a field setting of another panel type": lambda board: fields(board, "timeseries")["custom"].update(align="auto"),
    "a number outside an enum": lambda board: board["templating"]["list"][1].update(refresh=3),
    "an unknown panel type": lambda board: panel(board, "timeseries").update(type="graph"),
    "an unknown threshold mode": lambda board: fields(board, "stat")["thresholds"].update(mode="absolut"),
    "an unknown property of an override": lambda board: panel(board, "stat")["fieldConfig"]["overrides"].append(
        override("units", "s")
    ),
    "an invalid value of an override": lambda board: panel(board, "timeseries")["fieldConfig"]["overrides"].append(
        override("custom.lineWidth", "thick")
    ),
    "an unknown key of the board": lambda board: board.update(titel="BAIS"),
}


def test_every_board_matches_grafanas_schema() -> None:
    check_types(BOARDS)


def test_every_invalid_value_is_reported_and_no_valid_one() -> None:
    boards = {"valid": copy.deepcopy(BOARDS[UID])}
    panel(boards["valid"], "timeseries")["fieldConfig"]["overrides"].append(override("custom.axisPlacement", "right"))
    for number, change in enumerate(INVALID.values()):
        change(boards.setdefault(f"invalid-{number}", copy.deepcopy(BOARDS[UID])))
    with pytest.raises(NodeError) as caught:
        check_types(boards)
    reported = {uid for uid in boards if f"boards/{uid}.ts" in str(caught.value)}
    assert [name for number, name in enumerate(INVALID) if f"invalid-{number}" not in reported] == []
    assert "valid" not in reported


def test_page_tests_pass() -> None:
    result = subprocess.run(["npm", "test"], cwd=node.FOLDER, capture_output=True, text=True, check=False, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "# fail 0" in result.stdout
