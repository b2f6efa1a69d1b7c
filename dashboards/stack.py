"""Dashboards of a stack: check its overrides, apply them, render."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from common.problems import Problem
from dashboards.boards import BOARDS
from dashboards.model import Board, Panel
from dashboards.overrides import apply_overrides, find_problems
from dashboards.rendering import panel_alerts
from dashboards.rendering.drilldown import filter_variables
from dashboards.rendering.panel_alerts import BoardAlert
from dashboards.rendering.style import draw

__all__ = ["BOARDS", "find_override_problems", "link_variables", "render"]


def find_override_problems(overrides: Mapping[str, object], boards: Iterable[Board] = BOARDS) -> list[Problem]:
    """Return the problems in a stack's overrides of dashboards, by uid."""
    return find_problems(boards, overrides)


def link_variables(boards: Iterable[Board] = BOARDS) -> dict[str, dict[str, str]]:
    """Return, per link to a panel, the dashboard variables that an alert's labels fill: variable name to label."""
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
    overrides: Mapping[str, Any],
    boards: Iterable[Board] = BOARDS,
) -> dict[str, str]:
    """Return each board of a stack as compact JSON by uid; its changes have been checked.

    `rules` are the stack's rendered rule files, whose alerts are named on the panels that show them; `tunables` are all
    numbers in force, which are the limits of alerts and panels alike; `environment` is what the boards say they are of.
    """
    stack = list(panel_alerts.of_rules(rules))
    drawn: dict[str, str] = {}
    kept = {board.uid: board for board in apply_overrides(boards, overrides)}
    for uid, board in kept.items():
        notes = {slug: _note(uid, panel, stack) for slug, panel in board.panels.items()}
        drawn[uid] = draw(board, boards=kept, environment=environment, tunables=tunables, notes=notes)
    return drawn


def _note(uid: str, panel: Panel, stack: Sequence[BoardAlert]) -> str:
    """Name the alerts that open a panel or have a limit in common with it, each with a link to its runbook."""
    named = sorted({*panel_alerts.opening(uid, panel, stack), *panel_alerts.sharing(panel, stack)})
    links = ", ".join(f"[{each.name}]({each.runbook})" for each in named)
    return links and f"Alerts: {links}."
