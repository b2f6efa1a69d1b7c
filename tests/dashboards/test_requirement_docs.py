"""Tests that the page of requirements, alerts and panels is current and complete."""

import re
from pathlib import Path
from typing import Final

import pytest

from dashboards import requirement_docs, stack
from tools.boards.rendered_boards import CATALOGUE

PAGE: Final = requirement_docs.document()
TO_PANEL, TO_ALERTS = PAGE.partition("## Panels by alert")[2].split("## Alerts by panel")


def test_the_page_is_current() -> None:
    assert requirement_docs.DOCUMENT.read_text(encoding="utf-8") == PAGE, "run: make generate"


def test_every_alert_is_listed_once_with_an_existing_panel() -> None:
    rows = re.findall(r"^\| (\w+) \| \w+ \| `([a-z-]+)` \| `([a-z0-9-]+)` \|", TO_PANEL, re.MULTILINE)
    assert [name for name, *_ in rows] == list(CATALOGUE.alerts)
    places = {(board.uid, slug) for board in stack.BOARDS for slug in board.panels}
    assert {(board, panel) for _, board, panel in rows} <= places


def test_every_alert_is_listed_once_at_the_panel_that_it_opens() -> None:
    opened = [row.split("|")[2] for row in TO_ALERTS.splitlines() if row.startswith("| `")]
    named = [name.strip() for names in opened for name in names.split(",") if name.strip()]
    assert sorted(named) == sorted(CATALOGUE.alerts)


def test_the_command_writes_the_page_except_with_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(requirement_docs, "DOCUMENT", tmp_path / "requirements.md")
    assert requirement_docs.main(["--check"]) == 1
    assert capsys.readouterr().out == "docs/reference/requirements.md is out of date; run: make generate\n"
    assert requirement_docs.main([]) == 0
    assert requirement_docs.main(["--check"]) == 0
