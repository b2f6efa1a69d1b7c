"""The boards for a program that deploys them: check what a stack changes, apply it, draw."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dashboards import changes
from dashboards.boards import BOARDS
from dashboards.model import Board
from dashboards.style import draw
from rules.faults import Fault
from rules.panels import panel_id

__all__ = ["BOARDS", "faults", "render"]


def faults(changed: Mapping[str, object], boards: Iterable[Board] = BOARDS) -> list[Fault]:
    """Return what is wrong with a stack's changes of boards, by uid."""
    return changes.faults(boards, changed)


def render(
    rules: Mapping[str, Mapping[str, Any]],
    *,
    environment: str,
    tunables: Mapping[str, float],
    changed: Mapping[str, Any],
    boards: Iterable[Board] = BOARDS,
) -> dict[str, str]:
    """Return each board of a stack as compact JSON by uid; its changes have been checked.

    `rules` are the stack's rendered rule files, whose alerts are named on the panels that they open; `tunables` are all
    numbers in force, which are the limits of alerts and panels alike; `environment` is what the boards say they are of.
    """
    shown = _alerts_by_panel(rules)
    drawn: dict[str, str] = {}
    kept = {board.uid: board for board in changes.applied(boards, changed)}
    for uid, board in kept.items():
        notes = {
            slug: "Alerts: " + ", ".join(alerts) + "."
            for slug in board.panels
            if (alerts := shown.get(f"{uid}?viewPanel=panel-{panel_id(slug)}"))
        }
        drawn[uid] = draw(board, boards=kept, environment=environment, tunables=tunables, notes=notes)
    return drawn


def _alerts_by_panel(rules: Mapping[str, Mapping[str, Any]]) -> dict[str, Sequence[str]]:
    """Links to runbooks, with the names of the alerts, by what the alerts' links end with."""
    found: dict[str, list[str]] = {}
    for area in rules.values():
        for rule in (rule for group in area["groups"] for rule in group["rules"] if "alert" in rule):
            notes = rule["annotations"]
            place = notes["dashboard_url"].rpartition("/d/")[2]
            found.setdefault(place, []).append(f"[{rule['alert']}]({notes['runbook_url']})")
    return {place: sorted(alerts) for place, alerts in found.items()}
