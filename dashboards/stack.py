"""The boards for a program that deploys them: check what a stack changes, apply it, draw."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from common.problems import Problem
from dashboards import overrides
from dashboards.boards import BOARDS
from dashboards.model import Board, Panel
from dashboards.rendering import panel_alerts
from dashboards.rendering.drilldown import filter_variables
from dashboards.rendering.panel_alerts import BoardAlert
from dashboards.rendering.style import draw

__all__ = ["BOARDS", "choices", "find_override_problems", "render"]


def find_override_problems(changed: Mapping[str, object], boards: Iterable[Board] = BOARDS) -> list[Problem]:
    """Return what is wrong with a stack's changes of boards, by uid."""
    return overrides.find_problems(boards, changed)


def choices(boards: Iterable[Board] = BOARDS) -> dict[str, dict[str, str]]:
    """Return for each link to a panel the choices that an alert's labels make: the choice by name to the label."""
    return {
        f"d/{board.uid}?viewPanel={slug}": filter_variables(panel, board)
        for board in boards
        for slug, panel in board.panels.items()
    }


def render(
    rules: Mapping[str, Mapping[str, Any]],
    *,
    environment: str,
    tunables: Mapping[str, float],
    changed: Mapping[str, Any],
    boards: Iterable[Board] = BOARDS,
) -> dict[str, str]:
    """Return each board of a stack as compact JSON by uid; its changes have been checked.

    `rules` are the stack's rendered rule files, whose alerts are named on the panels that show them; `tunables` are all
    numbers in force, which are the limits of alerts and panels alike; `environment` is what the boards say they are of.
    """
    stack = list(panel_alerts.of_rules(rules))
    drawn: dict[str, str] = {}
    kept = {board.uid: board for board in overrides.apply_overrides(boards, changed)}
    for uid, board in kept.items():
        notes = {slug: _note(uid, panel, stack) for slug, panel in board.panels.items()}
        drawn[uid] = draw(board, boards=kept, environment=environment, tunables=tunables, notes=notes)
    return drawn


def _note(uid: str, panel: Panel, stack: Sequence[BoardAlert]) -> str:
    """Name the alerts that open a panel or have a limit in common with it, each with a link to its runbook."""
    named = sorted({*panel_alerts.opening(uid, panel, stack), *panel_alerts.sharing(panel, stack)})
    links = ", ".join(f"[{each.name}]({each.runbook})" for each in named)
    return links and f"Alerts: {links}."
