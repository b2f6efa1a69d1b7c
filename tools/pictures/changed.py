"""Boards that recorded previews change."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from operations.preview_summary.boards import board_changes
from operations.preview_summary.events import read_preview
from operations.preview_summary.model import PreviewError


def changed_boards(files: Iterable[Path]) -> list[str]:
    """Return the uids of the boards that previews of any stack add or change.

    A missing or damaged file is left out; the summary of the previews reports it.
    """
    found: dict[str, None] = {}
    for file in files:
        try:
            preview = read_preview(file.read_text(encoding="utf-8", errors="replace"), file.stem, file.name)
        except (OSError, PreviewError):
            continue
        found |= dict.fromkeys(each.uid for each in board_changes(preview.steps) if each.state != "removed")
    return list(found)
