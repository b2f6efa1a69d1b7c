"""Figures about the catalogue, and the list of its problems."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from catalogue.model import AREAS, SEVERITIES, Alert, Catalogue
from catalogue.rule_tests import Suite
from common.project import RUNBOOKS
from tools.catalogue import metrics
from tools.catalogue.evidence import SHOWS, collect_evidence
from tools.catalogue.runbooks import gaps
from tools.mutation import accepted, results
from tools.mutation.subjects import subjects


@dataclass(frozen=True)
class Share:
    """A number out of a total."""

    whole: int
    total: int

    def __str__(self) -> str:
        """Return both numbers and the percentage, rounded down."""
        return f"{self.whole} of {self.total} ({100 * self.whole // (self.total or 1)} %)"


@dataclass(frozen=True)
class Metrics:
    """Metrics that rules read.

    Attributes:
        read: All of them.
        known: In the metrics contract or an exporter list.
        live: Found on a running exporter.
        listed: Listed with their source, because no exporter here can expose them.
    """

    read: int
    known: int
    live: int
    listed: int


@dataclass(frozen=True)
class Mutants:
    """Mutants of the rules.

    Attributes:
        total: All mutants.
        killed: Detected by a test case.
        accepted: Surviving with a reason.
        stale: Rules not tested since their last change.
    """

    total: int
    killed: int
    accepted: int
    stale: int


@dataclass(frozen=True)
class Report:
    """Figures of the catalogue; `missing` has one line per problem."""

    alerts: Mapping[str, Mapping[str, int]]
    shown: Mapping[str, Share]
    runbooks: Share
    metrics: Metrics
    mutants: Mutants
    missing: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """Return the report for `--json`."""
        return {**asdict(self), "whole": not self.missing}


def build_report(catalogue: Catalogue, suites_: Mapping[str, Suite], folder: Path = RUNBOOKS) -> Report:
    """Build the report about alerts, test cases, runbooks, metrics and mutants."""
    missing: list[str] = []
    shown = _shown(suites_, missing)
    complete = _complete(catalogue.alerts, folder, missing)
    read = _metrics(suites_, missing)
    mutants = _mutants(suites_, missing)
    return Report(_alerts(catalogue), shown, complete, read, mutants, tuple(missing))


def _alerts(catalogue: Catalogue) -> dict[str, dict[str, int]]:
    found = {area: dict.fromkeys(SEVERITIES, 0) for area in AREAS}
    for alert in catalogue.alerts.values():
        found[alert.area][alert.severity] += 1
    return found


def _shown(suites_: Mapping[str, Suite], missing: list[str]) -> dict[str, Share]:
    all_evidence = [
        collect_evidence(suite, rule) for suite in suites_.values() for _, rule in suite.rules if "alert" in rule
    ]
    missing += (f"{each.alert}: no test case for: {behaviour}" for each in all_evidence for behaviour in each.missing)
    applicable = {name: [each.shown[name] for each in all_evidence if name in each.shown] for name in SHOWS}
    return {name: Share(sum(shown), len(shown)) for name, shown in applicable.items()}


def _complete(alerts: Mapping[str, Alert], folder: Path, missing: list[str]) -> Share:
    texts = {name: path.read_text(encoding="utf-8") for name in alerts if (path := folder / f"{name}.md").exists()}
    missing += (f"{name}: no runbook" for name in alerts if name not in texts)
    problems = {name: gaps(name, text) for name, text in texts.items()}
    missing += (f"runbooks/{name}.md: {problem}" for name, found in problems.items() for problem in found)
    return Share(sum(not found for found in problems.values()), len(alerts))


def _metrics(suites_: Mapping[str, Suite], missing: list[str]) -> Metrics:
    read, known = metrics.metrics_read_by(suites_), metrics.known_metrics()
    live, listed = metrics.evidence_states()
    missing += (f"{name}: neither in rules/metrics.yaml nor in an exporter list" for name in sorted(read - known))
    missing += (
        f"{name}: neither found on a running exporter nor listed; run `make proof`"
        for name in sorted(read - live - listed)
    )
    return Metrics(len(read), len(read & known), len(read & live), len(read & listed - live))


def _mutants(suites_: Mapping[str, Suite], missing: list[str]) -> Mutants:
    every = subjects(suites_)
    found = results.current(results.load(), every)
    reasons = accepted.load()
    stale = [subject.name for subject in every if subject.name not in found]
    problems = accepted.find_problems(reasons, found, [subject.name for subject in every])
    missing += (f"{name}: changed since its last mutation test; run `make mutate`" for name in stale)
    missing += map(str, problems)
    killed = sum(result.killed for result in found.values())
    survived = sum(len(result.survived) for result in found.values())
    total = sum(len(subject.mutants) for subject in every)
    return Mutants(total, killed, survived - len(accepted.unlisted(reasons, found)), len(stale))
