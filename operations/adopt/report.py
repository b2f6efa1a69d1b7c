"""Report of a migration: lines for people, JSON for machines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from typing import Any, Final

from rich.text import Text

from operations.adopt.model import Finding, Outcome, PreviousStack, Report, State, Step

_OUTCOMES: Final = {
    Outcome.KEPT: "green",
    Outcome.CHANGES: "yellow",
    Outcome.UNKNOWN: "magenta",
    Outcome.BLOCKS: "bold red",
}
_STATES: Final = {
    State.DONE: "green",
    State.TODO: "yellow",
    State.UNKNOWN: "magenta",
    State.BLOCKED: "bold red",
    State.FAILED: "bold red",
}
_WIDTH: Final = max(map(len, (*Outcome, *State)))
STEPS: Final = Text("STEPS", style="bold")
_VERDICTS: Final = ("nothing blocks the migration", "not complete", "not everything could be read")


def as_json(report: Report) -> dict[str, Any]:
    """Return the report as the JSON output has it."""
    previous = report.previous
    return {
        "stack": report.stack,
        "release": {"namespace": previous.namespace, "name": previous.release, "chart": previous.chart},
        "exit_code": report.exit_code,
        "findings": [asdict(finding) for finding in report.findings],
        "settings": report.settings,
        "steps": [asdict(step) for step in report.steps],
        "removal": list(report.removal),
    }


def heading(stack: str, previous: PreviousStack) -> Text:
    """Return the first line."""
    chart = f", chart {previous.chart}" if previous.chart else ""
    return Text(f"stack {stack} replaces {previous.title}{chart}")


def found(findings: list[Finding]) -> Iterator[Text]:
    """Yield the lines about what is kept and what changes."""
    for section, rows in groupby(findings, key=lambda finding: finding.section):
        yield Text(section.upper(), style="bold")
        for row in rows:
            yield _line(row.outcome, _OUTCOMES[row.outcome], row.text)
            if row.action:
                yield Text(f"  {'':<{_WIDTH}}  -> {row.action}")


def settings_lines(settings: str) -> Iterator[Text]:
    """Yield the settings to add."""
    if settings:
        yield Text("SETTINGS", style="bold")
        yield _line(Outcome.BLOCKS, _OUTCOMES[Outcome.BLOCKS], "missing in the stack's file:")
        yield from (Text(f"  {line}") for line in settings.splitlines())


def step_lines(number: int, step: Step) -> Iterator[Text]:
    """Yield the lines about a step."""
    yield _line(step.state, _STATES[step.state], f"{number}. {step.name}: {step.text}")
    yield from (Text(f"  {'':<{_WIDTH}}  -> {action}") for action in step.actions)


def last_lines(report: Report) -> Iterator[Text]:
    """Yield the lines about the removal, and the verdict."""
    yield Text("AFTERWARDS", style="bold")
    yield from (Text(f"  {line}") for line in report.removal)
    yield Text()
    yield Text(verdict(report), style=_STATES[(State.DONE, State.FAILED, State.UNKNOWN)[report.exit_code]])


def verdict(report: Report) -> str:
    """Return the last line."""
    done = sum(step.state is State.DONE for step in report.steps)
    is_complete = report.exit_code == 0 and done == len(report.steps)
    outcome = "handed over" if is_complete else _VERDICTS[report.exit_code]
    if report.is_blocked:
        outcome = "the migration is blocked"
    text = f"{outcome}: {done} of {len(report.steps)} steps done"
    if report.exit_code == 0 and not is_complete:
        text += f"; to continue: make adopt STACK={report.stack} APPLY=yes"
    return text


def _line(label: str, style: str, text: str) -> Text:
    return Text(f"  {label:<{_WIDTH}}", style=style).append(f"  {text}", style="default")
