"""Report of a health check: lines for people, JSON for machines."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from operations.health.model import Check, State, exit_code
from operations.health.plan import HealthPlan

_STYLES: Final = {State.OK: "green", State.WARNING: "yellow", State.UNKNOWN: "magenta", State.FAILED: "bold red"}
_VERDICTS: Final = ("healthy", "not healthy", "could not be determined completely")


def as_json(plan: HealthPlan, at: datetime, checks: Sequence[Check]) -> dict[str, Any]:
    """Return the report as the JSON output has it."""
    return {
        "stack": plan.stack,
        "namespace": plan.namespace,
        "at": at.isoformat(timespec="seconds"),
        "exit_code": exit_code(checks),
        "checks": [{"group": check.group, "check": check.name, **asdict(check.result)} for check in checks],
    }


def summary(checks: Sequence[Check]) -> str:
    """Return the verdict, and the number of checks in each state."""
    states = [check.result.state for check in checks]
    counts = ", ".join(f"{states.count(state)} {state}" for state in State if state in states)
    return f"{_VERDICTS[exit_code(checks)]}: {counts}"


def text(plan: HealthPlan, at: datetime, checks: Sequence[Check]) -> RenderableType:
    """Return the report for people: one line per check, what to do below those that are not ok, the verdict last."""
    heading = f"stack {plan.stack}, namespace {plan.namespace}, {at:%Y-%m-%d %H:%M:%S} UTC"
    parts: list[RenderableType] = [Text(heading)]
    for group, rows in groupby(checks, key=lambda check: check.group):
        parts += [Text(group.upper(), style="bold"), Padding(_table(list(rows)), (0, 0, 0, 2))]
    return Group(*parts, Text(), Text(summary(checks), style=_STYLES[_verdict_state(checks)]))


def _table(checks: Sequence[Check]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True, width=7)
    table.add_column(no_wrap=True)
    table.add_column()
    for check in checks:
        result = check.result
        name = f"{check.name}: {result.subject}" if result.subject else check.name
        table.add_row(Text(_label(result.state), style=_STYLES[result.state]), Text(name), Text(result.value))
        if result.action:
            table.add_row("", "", Text(f"-> {result.action}"))
    return table


def _label(state: State) -> str:
    return state.upper() if state is State.FAILED else str(state)


def _verdict_state(checks: Sequence[Check]) -> State:
    return (State.OK, State.FAILED, State.UNKNOWN)[exit_code(checks)]
