"""Whether what rules and boards read exists: asked of a Prometheus that scrapes every real process there is."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from catalogue.contract import PREFIXES, SERVICES
from catalogue.metric_evidence import EVIDENCE
from local.tools.toolset import table
from synthetic.server import serve
from synthetic.targets import load
from synthetic.world import World
from tools.checkout import Checkout
from tools.proof.databases import unavailable_databases
from tools.proof.processes import exporters, prometheus
from tools.proof.reads import Read, collect_reads, recorded_series
from tools.proof.scraping import Place, Stored

LISTED: Final[Mapping[str, Any]] = yaml.safe_load(Path(__file__).with_name("listed.yaml").read_text())
TIMEOUT_SECONDS: Final = 45.0
# What Prometheus gives to every target of a monitor.
TARGET_LABELS: Final = frozenset({"container", "endpoint", "instance", "job", "namespace", "pod", "service"})
# The program behind each job that is not called as its job is.
PROGRAMS: Final = {"apiserver": "kube-apiserver", "probe-example": "blackbox-exporter"}
# Prometheus writes these itself, for every alert and target.
BUILT_IN_METRICS: Final = frozenset({"ALERTS", "ALERTS_FOR_STATE", "scrape_duration_seconds", "up"})


@dataclass(frozen=True)
class Finding:
    """What became of one selector: the labels that no series has, and the jobs of the series, if there are any."""

    read: Read
    lacks: frozenset[str]
    jobs: tuple[str, ...] | None

    @property
    def proven(self) -> bool:
        """Whether there is a series with these matchers, and each label on one."""
        return self.jobs is not None and not self.lacks

    @property
    def listed(self) -> bool:
        """Whether it is one of those that cannot be had here, with the labels that its source gives it."""
        entry = LISTED.get(self.read.metric)
        return (
            entry is not None
            and self.read.job == entry["job"]
            and self.read.labels <= TARGET_LABELS | {*entry["labels"]}
        )

    def __str__(self) -> str:
        what = "no series" if self.jobs is None else f"no label {', '.join(sorted(self.lacks))}"
        return f"{self.read.selector}: {what}; read by {', '.join(self.read.readers)}"


@contextlib.contextmanager
def scraping(checkout: Checkout, state: Path) -> Iterator[Stored]:
    """Every process there is, scraped by a Prometheus that runs the deployed configuration, while the context lasts."""
    with serve(World(load())) as address:
        port = int(address.rpartition(":")[2])
        platform = {f"service-{name}/0": Place(port, f"/{name}/0/metrics") for name in SERVICES}
        with (
            exporters(checkout, state, unavailable_databases()) as places,
            prometheus(checkout, state, {**platform, **places}) as stored,
        ):
            yield stored


def provable_reads() -> list[Read]:
    """What is read, less what only a database could expose that cannot be run here."""
    return [read for read in collect_reads() if read.job not in unavailable_databases()]


def query_findings(stored: Stored, wanted: Iterable[Read]) -> list[Finding]:
    """Ask for every selector, again and again until all are proven or listed or time is up."""
    found = {read.selector: Finding(read, read.labels, None) for read in wanted}
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        left = [finding for finding in found.values() if not finding.proven and not finding.listed]
        if not left:
            break
        time.sleep(1)
        found |= {finding.read.selector: _query(stored, finding.read) for finding in left}
    # Once more where any job will do: by now all have been scraped, and not only the one that proved it.
    found |= {one.read.selector: _query(stored, one.read) for one in found.values() if one.proven and not one.read.job}
    return list(found.values())


def _query(stored: Stored, read: Read) -> Finding:
    series = stored.series(read.selector)
    has = frozenset(label for labels in series for label in labels)
    jobs = tuple(sorted({labels.get("job", "") for labels in series}))
    return Finding(read, read.labels - has, jobs if series else None)


def render_evidence(findings: Iterable[Finding]) -> str:
    """Return the metric evidence as JSON: per metric its state (live or listed) and its source."""
    metrics: dict[str, dict[str, str]] = {}
    for finding in findings:
        if finding.proven or finding.listed:
            outcome = {"state": "live" if finding.proven else "listed", "source": _source(finding)}
            # A metric of which one selector is live is live; the other may be another job's.
            if metrics.get(finding.read.metric, outcome)["state"] == "listed" or finding.read.metric not in metrics:
                metrics[finding.read.metric] = outcome
    return json.dumps(dict(sorted(metrics.items())), indent=1) + "\n"


def _source(finding: Finding) -> str:
    metric = finding.read.metric
    if not finding.proven:
        return f"{LISTED[metric]['module']} {LISTED[metric]['file']}"
    if metric.startswith(PREFIXES):
        return "rules/metrics.yaml"
    if metric in recorded_series():
        return "a recording rule"
    job = "prometheus" if metric in BUILT_IN_METRICS else str((finding.jobs or ("",))[0])
    name = PROGRAMS.get(job, job)
    return f"{name} {next(tool.version for tool in table() if tool.name == name)}"


def write_evidence(findings: Iterable[Finding]) -> None:
    """Write the outcome where the catalogue's own commands find it."""
    EVIDENCE.write_text(render_evidence(findings), encoding="utf-8")
