"""Report of a health check: lines for people, JSON for machines."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from rich.text import Text

from operations.health.model import Check, Result, State, exit_code
from operations.health.plan import HealthPlan

_STYLES: Final = {State.OK: "green", State.WARNING: "yellow", State.UNKNOWN: "magenta", State.FAILED: "bold red"}
# By exit code: the words and the style of the verdict.
_VERDICTS: Final = (
    ("healthy", State.OK),
    ("not healthy", State.FAILED),
    ("could not be determined completely", State.UNKNOWN),
)
_STATE_WIDTH: Final = max(map(len, State))


def as_json(plan: HealthPlan, at: datetime, checks: Sequence[Check]) -> dict[str, Any]:
    """Return the report as the JSON output has it."""
    return {
        "stack": plan.stack,
        "namespace": plan.namespace,
        "at": at.isoformat(timespec="seconds"),
        "exit_code": exit_code(checks),
        "checks": [{"group": check.group, "check": check.name, **asdict(check.result)} for check in checks],
    }


def text(plan: HealthPlan, at: datetime, checks: Sequence[Check]) -> Text:
    """Return the report for people: one line per check, what to do below those that are not ok, the verdict last."""
    lines = [Text(f"stack {plan.stack}, namespace {plan.namespace}, {at:%Y-%m-%d %H:%M:%S} UTC")]
    for group, rows in groupby(checks, key=lambda check: check.group):
        lines.append(Text(group.upper(), style="bold"))
        lines += _lines(list(rows))
    return Text("\n").join([*lines, Text(), Text(summary(checks), style=_STYLES[_VERDICTS[exit_code(checks)][1]])])


def summary(checks: Sequence[Check]) -> str:
    """Return the verdict, and the number of checks in each state with the groups of those that are not ok."""
    counts = []
    for state in State:
        groups = [check.group for check in checks if check.result.state is state]
        if groups:
            where = "" if state is State.OK else f" ({', '.join(dict.fromkeys(groups))})"
            counts.append(f"{len(groups)} {state}{where}")
    return f"{_VERDICTS[exit_code(checks)][0]}: {', '.join(counts)}"


def _lines(checks: Sequence[Check]) -> Iterator[Text]:
    width = max(len(_name(check)) for check in checks)
    for check in checks:
        result = check.result
        state = Text(f"  {_label(result):<{_STATE_WIDTH}}", style=_STYLES[result.state])
        yield state.append(f"  {_name(check):<{width}}  {result.value}", style="default")
        # Nothing can be done about a simulated pod.
        if result.action and not result.simulated:
            yield Text(f"  {'':<{_STATE_WIDTH}}  -> {result.action}")


def _name(check: Check) -> str:
    return f"{check.name}: {check.result.subject}" if check.result.subject else check.name


def _label(result: Result) -> str:
    return result.state.upper() if result.state is State.FAILED else result.state
