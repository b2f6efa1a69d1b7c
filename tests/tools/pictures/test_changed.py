"""Boards that are drawn for a pull request."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.operations.preview_summary import events_by_hand as by_hand
from tests.operations.preview_summary.events_by_hand import CONFIG_MAP
from tools.pictures.__main__ import main
from tools.pictures.changed import changed_boards


@pytest.fixture
def previews(tmp_path: Path) -> list[Path]:
    """Previews of two stacks: one board changed in both, one removed, one unchanged; the third file is missing."""
    old, new = by_hand.board({"title": "Errors", "max": 1}), by_hand.board({"title": "Errors", "max": 2})
    files = [tmp_path / f"{stack}.jsonl" for stack in ("staging", "prod", "missing")]
    files[0].write_text(by_hand.text([by_hand.step("update", CONFIG_MAP, "dashboard-bais-api", old, new)]))
    removed = by_hand.step("delete", CONFIG_MAP, "dashboard-bais-old", old)
    files[1].write_text(by_hand.text([by_hand.step("update", CONFIG_MAP, "dashboard-bais-api", old, new), removed]))
    return files


def test_each_board_that_a_preview_adds_or_changes_is_drawn_once(previews: list[Path]) -> None:
    assert changed_boards(previews) == ["bais-api"]


def test_without_a_changed_board_nothing_is_drawn_or_installed(previews: list[Path]) -> None:
    result = CliRunner().invoke(main, ["--preview", str(previews[2])])
    assert (result.exit_code, result.output) == (0, "the previews change no board\n")
