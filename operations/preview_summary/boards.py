"""Changed dashboards of a preview, by panel, with their pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from common.grafana import DASHBOARD_LABEL
from operations.preview_summary.model import SAME, Step

_CONFIG_MAP: Final = "ConfigMap"


@dataclass(frozen=True, kw_only=True)
class BoardChange:
    """A dashboard that is added, changed or removed.

    Attributes:
        uid: Uid of the dashboard.
        title: Title of the dashboard.
        state: `added`, `changed` or `removed`.
        added: Titles of its added panels.
        changed: Titles of its changed panels.
        removed: Titles of its removed panels.
    """

    uid: str
    title: str
    state: str
    added: Sequence[str] = ()
    changed: Sequence[str] = ()
    removed: Sequence[str] = ()


def board_changes(steps: Sequence[Step]) -> list[BoardChange]:
    """Return the changed dashboards."""
    return [_change(step) for step in steps if is_board(step) and step.operation != SAME]


def is_board(step: Step) -> bool:
    """Whether a resource is a dashboard."""
    labels = ((step.new or step.old or {}).get("metadata") or {}).get("labels") or {}
    return step.kind == _CONFIG_MAP and DASHBOARD_LABEL.items() <= labels.items()


def pictures(uid: str, folder: Path | None) -> list[str]:
    """Return the file names of the pictures of a board in a folder, such as `bais-api-incident.png`."""
    return sorted(path.name for path in folder.glob(f"{uid}*.png")) if folder else []


def _change(step: Step) -> BoardChange:
    old, new = _board(step.old), _board(step.new)
    before, after = dict(_panels(old)), dict(_panels(new))
    either = new or old
    return BoardChange(
        uid=str(either.get("uid", step.name)),
        title=str(either.get("title", step.name)),
        state="changed" if old and new else "added" if new else "removed",
        added=[title for title in after if title not in before] if old else (),
        changed=[title for title, panel in after.items() if title in before and before[title] != panel],
        removed=[title for title in before if title not in after] if new else (),
    )


def _board(inputs: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return the JSON of a dashboard; empty if it is not valid."""
    for text in ((inputs or {}).get("data") or {}).values():
        try:
            board = json.loads(text)
        except (ValueError, TypeError):
            continue
        if isinstance(board, dict):
            return board
    return {}


def _panels(board: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each panel by its title, with those inside collapsed rows; without its position and number."""
    for panel in board.get("panels", ()):
        yield from _panels(panel)
        title = str(panel.get("title") or f"panel {panel.get('id')}")
        yield title, {key: each for key, each in panel.items() if key not in ("gridPos", "id", "panels")}
