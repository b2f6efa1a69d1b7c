"""The page that tells which alerts answer which requirement and belong to which panel is current and whole."""

import re
from pathlib import Path

import pytest

from dashboards import requirement_docs, stack
from tools.boards.rendered_boards import CATALOGUE

PAGE = requirement_docs.document()
TO_PANEL, TO_ALERTS = PAGE.partition("## Panels by alert")[2].split("## Alerts by panel")


def test_the_page_is_current() -> None:
    assert requirement_docs.DOCUMENT.read_text(encoding="utf-8") == PAGE, "run: make generate"


def test_every_alert_is_told_once_with_a_panel_that_exists() -> None:
    rows = re.findall(r"^\| (\w+) \| \w+ \| `([a-z-]+)` \| `([a-z0-9-]+)` \|", TO_PANEL, re.MULTILINE)
    assert [name for name, *_ in rows] == list(CATALOGUE.alerts)
    places = {(board.uid, slug) for board in stack.BOARDS for slug in board.panels}
    assert {(board, panel) for _, board, panel in rows} <= places


def test_every_alert_is_told_again_at_the_one_panel_that_it_opens() -> None:
    opened = [row.split("|")[2] for row in TO_ALERTS.splitlines() if row.startswith("| `")]
    named = [name.strip() for names in opened for name in names.split(",") if name.strip()]
    assert sorted(named) == sorted(CATALOGUE.alerts)


def test_the_command_checks_without_writing_and_writes_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(requirement_docs, "DOCUMENT", tmp_path / "requirements.md")
    assert requirement_docs.main(["--check"]) == 1
    assert capsys.readouterr().out == "docs/reference/requirements.md is out of date; run: make generate\n"
    assert requirement_docs.main([]) == 0
    assert requirement_docs.main(["--check"]) == 0
