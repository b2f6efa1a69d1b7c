"""What needs the npm packages of tools/pictures, which `make pictures` installs."""

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


WRONG: Final[dict[str, Callable[[Board], object]]] = {
    "a word that an option does not know": lambda board: options(board, "stat").update(colorMode="backgroud"),
    "an option that a kind of panel does not have": lambda board: options(board, "stat").update(mergeValues=True),
    "a text for a number": lambda board: fields(board, "timeseries")["custom"].update(fillOpacity="30"),
    "a field setting of another kind of panel": lambda board: fields(board, "timeseries")["custom"].update(
        align="auto"
    ),
    "a number that is none of an enum": lambda board: board["templating"]["list"][1].update(refresh=3),
    "a kind of panel that is not known": lambda board: panel(board, "timeseries").update(type="graph"),
    "a word in thresholds": lambda board: fields(board, "stat")["thresholds"].update(mode="absolut"),
    "the name of an override": lambda board: panel(board, "stat")["fieldConfig"]["overrides"].append(
        override("units", "s")
    ),
    "the value of an override": lambda board: panel(board, "timeseries")["fieldConfig"]["overrides"].append(
        override("custom.lineWidth", "thick")
    ),
    "a key of the board": lambda board: board.update(titel="BAIS"),
}


def test_every_board_is_as_grafanas_schema_has_it() -> None:
    check_types(BOARDS)


def test_every_wrong_value_is_told_and_no_right_one() -> None:
    boards = {"right": copy.deepcopy(BOARDS[UID])}
    panel(boards["right"], "timeseries")["fieldConfig"]["overrides"].append(override("custom.axisPlacement", "right"))
    for number, spoil in enumerate(WRONG.values()):
        spoil(boards.setdefault(f"wrong-{number}", copy.deepcopy(BOARDS[UID])))
    with pytest.raises(NodeError) as caught:
        check_types(boards)
    told = {uid for uid in boards if f"boards/{uid}.ts" in str(caught.value)}
    assert [name for number, name in enumerate(WRONG) if f"wrong-{number}" not in told] == []
    assert "right" not in told


def test_the_tests_of_the_page_pass() -> None:
    answer = subprocess.run(["npm", "test"], cwd=node.FOLDER, capture_output=True, text=True, check=False, timeout=120)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "# fail 0" in answer.stdout
