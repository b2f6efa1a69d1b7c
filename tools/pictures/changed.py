"""Boards that recorded previews change."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

from operations.preview_summary.boards import BoardChange, board_changes
from operations.preview_summary.events import recorded_preview


def changed_boards(files: Iterable[Path]) -> list[str]:
    """Return the uids of the boards that previews of any stack add or change.

    A file that is missing, damaged or not readable changes none; the summary of the previews reports it.
    """
    changes: list[BoardChange] = []
    for file in files:
        with contextlib.suppress(OSError):
            changes += board_changes(recorded_preview(file).steps)
    return list(dict.fromkeys(change.uid for change in changes if change.state != "removed"))
