"""Tests that the dashboard for manual import is the one that the program deploys."""

import json
from pathlib import Path

import pytest

from dashboards import export
from tools.boards.rendered_boards import BOARDS


def test_the_exported_file_is_current() -> None:
    assert export.FILE.read_text(encoding="utf-8") == export.current(), "run: python -m dashboards.export"


def test_the_exported_file_is_the_deployed_board() -> None:
    written = json.loads(export.FILE.read_text(encoding="utf-8"))
    deployed = BOARDS[export.UID]
    assert written["uid"] == deployed["uid"]
    assert [panel["title"] for panel in written["panels"]] == [panel["title"] for panel in deployed["panels"]]


def test_the_command_writes_the_file_except_with_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "board.json"
    assert export.main(["--check"], file) == 1
    assert capsys.readouterr().out == "scripts/board.json is out of date; run: make generate\n"
    assert not file.exists()
    assert export.main([], file) == 0
    assert export.main(["--check"], file) == 0
