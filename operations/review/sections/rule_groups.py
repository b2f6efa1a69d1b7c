"""Section: duration of the rule groups against their interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from common.words import counted
from operations.review.data import ReviewData
from operations.review.formats import listed, share
from operations.review.model import Column, Finding, Impact, Kind, Section, Table, table
from operations.review.prometheus import Rule

TITLE: Final = "Rules"
_COLUMNS: Final = (
    Column("rule group"),
    Column("seconds (p95)"),
    Column("interval", Kind.DURATION),
    Column("of its interval", Kind.SHARE),
    Column("missed evaluations", Kind.COUNT),
)
_RULE_COLUMNS: Final = (
    Column("slowest rule now"),
    Column("rule group"),
    Column("seconds (last)"),
    Column("of its interval", Kind.SHARE),
)
_MOST_RULES: Final = 5
# A group that takes longer than its interval skips evaluations.
_SLOW_SHARE: Final = 0.5


def section(data: ReviewData) -> Section:
    """Return the rule groups, those that take most of their interval first."""
    durations = _by_group(data, "rule_durations")
    intervals = _by_group(data, "rule_intervals")
    unknown = (
        () if "rule_iterations_missed" in data.readings.found else (data.readings.reasons["rule_iterations_missed"],)
    )
    missed = {} if unknown else _by_group(data, "rule_iterations_missed")
    shares = {name: seconds / intervals[name] for name, seconds in durations.items() if intervals.get(name)}
    ordered = sorted(shares, key=lambda name: (-shares[name], name))
    # Prometheus counts missed evaluations per group only after the first.
    rows = [
        (name, f"{durations[name]:.3f}", intervals[name], shares[name], None if unknown else missed.get(name, 0.0))
        for name in ordered
    ]
    late = [name for name in ordered if shares[name] > _SLOW_SHARE or round(missed.get(name, 0.0)) > 0]
    if late:
        conclusion = f"{counted(len(late), 'rule group')} late or close to it: {listed(late)}."
    else:
        conclusion = (
            f"All {counted(len(ordered), 'rule group')} are in time; the slowest, {ordered[0]}, "
            f"takes {share(shares[ordered[0]])} of its interval."
        )
    findings = tuple(
        Finding(
            Impact.RULES_LATE,
            shares[name],
            "monitoring",
            f"Rule group {name} takes {share(shares[name])} of its interval: simplify its rules or raise it.",
        )
        for name in late
    )
    if isinstance(data.rules, str):
        unknown = (*unknown, data.rules)
    return Section(
        title=TITLE,
        conclusion=conclusion,
        tables=(table(_COLUMNS, rows), *_slowest(data.rules)),
        findings=findings,
        unknown=unknown,
    )


def _slowest(rules: Sequence[Rule] | str) -> list[Table]:
    """Return a table of the rules that took longest in their last evaluation; none if no rules are loaded now."""
    if isinstance(rules, str) or not rules:
        return []
    ordered = sorted(rules, key=lambda rule: (-rule.seconds / rule.interval, rule.name))[:_MOST_RULES]
    rows = [(rule.name, rule.group, f"{rule.seconds:.3f}", rule.seconds / rule.interval) for rule in ordered]
    return [table(_RULE_COLUMNS, rows)]


def _by_group(data: ReviewData, query: str) -> dict[str, float]:
    # The label is the path of the rule file and, after a semicolon, the name of the group.
    return {one.labels.get("rule_group", "").rpartition(";")[2]: one.last for one in data.readings.series(query)}
