"""The state of the catalogue as figures, and everything in it that is not whole."""

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
    """How many of how many are in order."""

    whole: int
    total: int

    def __str__(self) -> str:
        """Return both figures and the share in percent, which is 100 only if all are."""
        return f"{self.whole} of {self.total} ({100 * self.whole // (self.total or 1)} %)"


@dataclass(frozen=True)
class Metrics:
    """The metrics that rules read: in the contract or a list, seen live, listed since they cannot be seen here."""

    read: int
    known: int
    live: int
    listed: int


@dataclass(frozen=True)
class Mutants:
    """The changes of the rules: broke a case, survive with a reason; `stale` rules were changed since their run."""

    total: int
    killed: int
    accepted: int
    stale: int


@dataclass(frozen=True)
class Report:
    """The figures, and in `missing` one line for each thing that is not whole."""

    alerts: Mapping[str, Mapping[str, int]]
    shown: Mapping[str, Share]
    runbooks: Share
    metrics: Metrics
    mutants: Mutants
    missing: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """Return the report for machines."""
        return {**asdict(self), "whole": not self.missing}


def build_report(catalogue: Catalogue, suites_: Mapping[str, Suite], folder: Path = RUNBOOKS) -> Report:
    """Look at every alert, its cases, its runbook, its metrics and the mutants of its rule."""
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
    each = [collect_evidence(suite, rule) for suite in suites_.values() for _, rule in suite.rules if "alert" in rule]
    missing += (f"{found.alert}: no case shows: {what}" for found in each for what in found.missing)
    applicable = {what: [found.shown[what] for found in each if what in found.shown] for what in SHOWS}
    return {what: Share(sum(shown), len(shown)) for what, shown in applicable.items()}


def _complete(alerts: Mapping[str, Alert], folder: Path, missing: list[str]) -> Share:
    texts = {name: path.read_text(encoding="utf-8") for name in alerts if (path := folder / f"{name}.md").exists()}
    missing += (f"{name}: no runbook" for name in alerts if name not in texts)
    problems = {name: gaps(name, text) for name, text in texts.items()}
    missing += (f"runbooks/{name}.md: {problem}" for name, found in problems.items() for problem in found)
    return Share(sum(not found for found in problems.values()), len(alerts))


def _metrics(suites_: Mapping[str, Suite], missing: list[str]) -> Metrics:
    read, known = metrics.metrics_read_by(suites_), metrics.known_metrics()
    live, listed = metrics.evidence_states()
    missing += (f"{name}: neither in the contract nor in an exporter's list" for name in sorted(read - known))
    missing += (f"{name}: neither seen on a running exporter nor listed" for name in sorted(read - live - listed))
    return Metrics(len(read), len(read & known), len(read & live), len(read & listed - live))


def _mutants(suites_: Mapping[str, Suite], missing: list[str]) -> Mutants:
    every = subjects(suites_)
    found = results.current(results.load(), every)
    reasons = accepted.load()
    stale = [subject.name for subject in every if subject.name not in found]
    problems = accepted.find_problems(reasons, found, [subject.name for subject in every])
    missing += (f"{name}: not tested by `make mutate` since it or its cases changed" for name in stale)
    missing += map(str, problems)
    killed = sum(result.killed for result in found.values())
    survived = sum(len(result.survived) for result in found.values())
    total = sum(len(subject.mutants) for subject in every)
    return Mutants(total, killed, survived - len(accepted.unlisted(reasons, found)), len(stale))
