"""Dashboard overrides of a stack: disabled boards and panels, own queries and limits."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from catalogue.model import is_number
from catalogue.promql import promql_fault
from common.problems import Problem, suggestion
from dashboards.model import Board, Number, Panel, Row, signals_by_ref_id, tunable_name
from dashboards.rendering.queries import interpolate

_BOARD_FIELDS: Final = ("enabled", "panels")
_PANEL_FIELDS: Final = ("enabled", "expressions", "limits")


def apply_overrides(boards: Iterable[Board], changed: Mapping[str, Any]) -> Iterator[Board]:
    """Yield the enabled boards with a stack's changes; rows without panels are dropped."""
    for board in boards:
        fields = changed.get(board.uid, {})
        if fields.get("enabled", True):
            rows = [_row(row, fields.get("panels", {})) for row in board.rows]
            yield replace(board, rows=tuple(row for row in rows if row.panels))


def find_problems(boards: Iterable[Board], changed: Mapping[str, object]) -> list[Problem]:
    """Return the problems in a stack's changes, each with the allowed names or values."""
    by_uid = {board.uid: board for board in boards}
    found: list[Problem] = []
    for uid, fields in changed.items():
        key = f"dashboards.boards.{uid}"
        if uid not in by_uid:
            found.append(_unknown(key, uid, by_uid))
        else:
            found += _fields(key, fields, _BOARD_FIELDS)
            for slug, change in _mapping(fields, "panels"):
                found += _panel_problems(f"{key}.panels.{slug}", by_uid[uid].panels, slug, change)
    return found


def _row(row: Row, changed: Mapping[str, Any]) -> Row:
    enabled = [panel for panel in row.panels if changed.get(panel.slug, {}).get("enabled", True)]
    return replace(row, panels=tuple(_panel(panel, changed.get(panel.slug, {})) for panel in enabled))


def _panel(panel: Panel, fields: Mapping[str, Any]) -> Panel:
    expressions = fields.get("expressions", {})
    signals = tuple(
        replace(signal, expression=expressions.get(reference, signal.expression))
        for reference, signal in signals_by_ref_id(panel)
    )
    limits = panel.limits and replace(panel.limits, **fields.get("limits", {}))
    return replace(panel, signals=signals, limits=limits)


def _panel_problems(key: str, panels: Mapping[str, Panel], slug: str, fields: object) -> list[Problem]:
    if slug not in panels:
        return [_unknown(key, slug, panels)]
    panel = panels[slug]
    found = _fields(key, fields, _PANEL_FIELDS)
    letters = dict(signals_by_ref_id(panel))
    for letter, expression in _mapping(fields, "expressions"):
        if letter not in letters:
            found.append(_unknown(f"{key}.expressions.{letter}", letter, letters))
        elif fault := _query_fault(expression):
            found.append(Problem(f"{key}.expressions.{letter}", repr(expression), f"PromQL ({fault})"))
    limits = dict(panel.limits.items()) if panel.limits else {}
    for name, number in _mapping(fields, "limits"):
        found += _limit_problems(f"{key}.limits.{name}", limits, name, number)
    return found


def _limit_problems(key: str, limits: Mapping[str, Number], name: str, number: object) -> list[Problem]:
    if name not in limits:
        allowed = suggestion(name, limits) if limits else "none; this panel has no limits"
        return [Problem(key, "an unknown name", allowed)]
    if followed := tunable_name(limits[name]):
        return [Problem(key, repr(number), f"alerts.tunables.{followed}, which the alert reads too")]
    if name == "promised":
        return [Problem(key, repr(number), "the objective in rules/slos.yaml")]
    return [] if is_number(number) else [Problem(key, repr(number), "a finite number")]


def _fields(key: str, fields: object, allowed: tuple[str, ...]) -> list[Problem]:
    """Return the problems in a mapping's keys, in `enabled`, and in its nested mappings."""
    if not isinstance(fields, Mapping):
        return [Problem(key, repr(fields), f"a mapping of {', '.join(allowed)}")]
    found: list[Problem] = []
    for name, value in fields.items():
        if name not in allowed:
            found.append(_unknown(f"{key}.{name}", name, allowed))
        elif name == "enabled" and not isinstance(value, bool):
            found.append(Problem(f"{key}.{name}", repr(value), "true, false"))
        elif name != "enabled" and not isinstance(value, Mapping):
            found.append(Problem(f"{key}.{name}", repr(value), "a mapping of names and values"))
    return found


def _mapping(fields: object, name: str) -> list[tuple[str, object]]:
    """Return the items of a nested mapping; empty if it is missing or invalid, which is reported elsewhere."""
    inner = fields.get(name) if isinstance(fields, Mapping) else None
    return list(inner.items()) if isinstance(inner, Mapping) else []


def _query_fault(expression: object) -> str:
    return promql_fault(interpolate(expression)) if isinstance(expression, str) else "a query is a string"


def _unknown(key: str, name: object, names: Iterable[str]) -> Problem:
    return Problem(key, "an unknown name", suggestion(str(name), names))
