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
from dashboards.rendering.style import render_board

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
    """Return each board of a stack as compact JSON, by uid.

    `rules` are the stack's rendered rule files; panel descriptions list their alerts. `tunables` are all effective
    numbers, shared by the limits of alerts and panels. `environment` is the name that the boards display. The
    `overrides` must have been checked by `find_override_problems`.
    """
    stack = list(panel_alerts.alerts_of_rules(rules))
    rendered: dict[str, str] = {}
    enabled = {board.uid: board for board in apply_overrides(boards, overrides)}
    for uid, board in enabled.items():
        notes = {slug: _note(uid, panel, stack) for slug, panel in board.panels.items()}
        rendered[uid] = render_board(
            board, boards=enabled, environment=environment, tunables=tunables, notes=notes, alerts=stack
        )
    return rendered


def _note(uid: str, panel: Panel, stack: Sequence[BoardAlert]) -> str:
    """Return links to the runbooks of the alerts that open a panel or share a limit with it."""
    named = sorted({*panel_alerts.alerts_opening(uid, panel, stack), *panel_alerts.alerts_sharing_limit(panel, stack)})
    links = ", ".join(f"[{each.name}]({each.runbook})" for each in named)
    return links and f"Alerts: {links}."
