"""Generator of recording rules and burn-rate alerts for the SLOs.

Usage: `python -m catalogue.slos [--check]`.

Factors and windows are those of the Google SRE Workbook, chapter 5, "Alerting on SLOs", for an SLO over 30 days. A
burn rate of 1 spends the error budget in exactly 30 days. The short window is a twelfth of the long one and resolves
an alert soon after the problem ends.
"""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import indent
from typing import Final

from catalogue.codegen import write_or_check
from catalogue.model import AREAS, slo_file
from catalogue.objectives import Objective, load
from catalogue.tunables import format_number
from common.project import RULES

FOLDER: Final = RULES
PERIOD: Final = "30d"
# Evaluation interval of a group: a sum of rates over a window, times this, is the number of events in the window.
INTERVAL_SECONDS: Final = 60


@dataclass(frozen=True)
class Burn:
    """A burn rate that must not be exceeded in both windows at the same time."""

    factor: float
    long: str
    short: str


@dataclass(frozen=True)
class Speed:
    """An alert that fires if one of its burn rates is exceeded for `duration`."""

    suffix: str
    severity: str
    duration: str
    burns: tuple[Burn, ...]
    verb: str
    outlook: str


SPEEDS: Final = (
    # 2 % of the budget within an hour, 5 % within six.
    Speed(
        "BurnsFast",
        "critical",
        "2m",
        (Burn(14.4, "1h", "5m"), Burn(6, "6h", "30m")),
        "is burning fast",
        "At this rate, the 30-day budget is spent within 5 days.",
    ),
    # 10 % of the budget within a day, and within three.
    Speed(
        "BurnsSlowly",
        "warning",
        "1h",
        (Burn(3, "1d", "2h"), Burn(1, "3d", "6h")),
        "is burning steadily",
        "At this rate, the 30-day budget is spent before the 30 days are over.",
    ),
)

# The shortest window is the recorded rate itself. Longer windows are computed from it, not from days of raw series.
_LONGER_WINDOWS: Final = ("30m", "1h", "2h", "6h", "1d", "3d", PERIOD)
_EVENTS: Final = "service:slo_events:rate5m"
_FAILURES: Final = "service:slo_failures:rate5m"


def render_rule_file(objectives: Iterable[Objective]) -> str:
    """Return the rule file for the objectives of one area."""
    head = "# Generated from slos.yaml by `python -m catalogue.slos`; change that file instead.\ngroups:\n"
    return head + "\n".join(_group(objective) for objective in objectives)


def rule_files(objectives: Sequence[Objective]) -> dict[str, str]:
    """Return the rule file of each area that has objectives, by file name."""
    areas = sorted({objective.area for objective in objectives}, key=AREAS.index)
    return {slo_file(area): render_rule_file(each for each in objectives if each.area == area) for area in areas}


def _group(objective: Objective) -> str:
    rules = [*_recordings(objective), *(_alert(objective, speed) for speed in SPEEDS)]
    lines = [f"  - name: {objective.area}.slo-{objective.name}", f"    interval: {INTERVAL_SECONDS}s", "    rules:"]
    return "\n".join(lines) + "\n" + "\n".join(indent(rule, " " * 6) for rule in rules)


def _recordings(objective: Objective) -> list[str]:
    slo = f'{{slo="{objective.name}"}}'
    ratio = "service:slo_failures:ratio_rate"
    expressions = {
        _EVENTS: objective.events,
        # A failure counter may not exist before the first failure.
        _FAILURES: f"({objective.failures})\nor 0 * {objective.events}",
        f"{ratio}5m": f"{_FAILURES}{slo} / ({_EVENTS}{slo} > 0)",
    }
    for window in _LONGER_WINDOWS:
        sums = f"sum_over_time({_FAILURES}{slo}[{window}])\n/ (sum_over_time({_EVENTS}{slo}[{window}]) > 0)"
        expressions[ratio + window] = sums
    for burn in (burn for speed in SPEEDS for burn in speed.burns):
        count = f"{INTERVAL_SECONDS} * sum_over_time({_FAILURES}{slo}[{burn.long}])"
        expressions[f"service:slo_failures:increase{burn.long}"] = count
    remaining = f"1 - {ratio}{PERIOD}{slo} / {_budget(objective)}"
    expressions[f"service:slo_error_budget:remaining_ratio{PERIOD}"] = remaining
    return [
        f"- record: {name}\n  expr: |\n{indent(expression, ' ' * 4)}\n  labels:\n    slo: {objective.name}\n"
        for name, expression in expressions.items()
    ]


def _alert(objective: Objective, speed: Speed) -> str:
    name = objective.alert + speed.suffix
    annotations = {
        "summary": f"{objective.subject} {speed.verb}.",
        "description": objective.description,
        "impact": f"{objective.impact} {speed.outlook}",
        "action": objective.action,
        "runbook_url": f"runbooks/{name}.md",
        "dashboard_url": objective.dashboard_url,
    }
    expression = "\nor\n".join(_exceeded(objective, burn) for burn in speed.burns)
    return "\n".join(
        [
            f"- alert: {name}",
            "  expr: |",
            indent(expression, " " * 4),
            f"  for: {speed.duration}",
            "  labels:",
            f"    severity: {speed.severity}",
            f"    team: {objective.team}",
            f"    area: {objective.area}",
            "  annotations:",
            *(f"    {annotation}: {json.dumps(text, ensure_ascii=False)}" for annotation, text in annotations.items()),
            "",
        ]
    )


def _exceeded(objective: Objective, burn: Burn) -> str:
    slo = f'{{slo="{objective.name}"}}'
    limit = f"{format_number(burn.factor)} * {_budget(objective)}"
    return (
        "(\n"
        f"  service:slo_failures:ratio_rate{burn.long}{slo} > {limit}\n"
        f"  and service:slo_failures:ratio_rate{burn.short}{slo} > {limit}\n"
        f"  and service:slo_failures:increase{burn.long}{slo} > {objective.minimum_failures}\n"
        ")"
    )


def _budget(objective: Objective) -> str:
    # 1 - 0.999 is not exactly 0.001 in floating point.
    return f"{1 - objective.objective:.6g}"


def main(arguments: list[str] | None = None) -> int:
    """Write the rule files, or only check them with --check; return the exit status."""
    generated = {FOLDER / name: text for name, text in rule_files(load()).items()}
    return write_or_check("catalogue.slos", __doc__, "rules", generated, arguments)


if __name__ == "__main__":
    sys.exit(main())
