"""Existence of the series that rules and boards read."""

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
from catalogue.metrics import BUILT_IN_METRICS
from catalogue.platform import FROM_SETTINGS
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
# Time until every selector must match.
TIMEOUT_SECONDS: Final = 45.0
# Labels that Prometheus adds to every target of a monitor.
TARGET_LABELS: Final = frozenset({"container", "endpoint", "instance", "job", "namespace", "pod", "service"})
# Program of a job with another name.
PROGRAMS: Final = {"apiserver": "kube-apiserver", "probe-example": "blackbox-exporter"}


@dataclass(frozen=True)
class Finding:
    """Finding for a selector.

    Attributes:
        read: Selector with the labels that it needs.
        missing_labels: Labels that no series has.
        jobs: Jobs of the series; None without any series.
    """

    read: Read
    missing_labels: frozenset[str]
    jobs: tuple[str, ...] | None

    @property
    def proven(self) -> bool:
        """Return whether a series matches and every label exists."""
        return self.jobs is not None and not self.missing_labels

    @property
    def listed(self) -> bool:
        """Return whether it is listed in listed.yaml with these labels."""
        entry = LISTED.get(self.read.metric)
        return (
            entry is not None
            and self.read.job == entry["job"]
            and self.read.labels <= TARGET_LABELS | {*entry["labels"]}
        )

    def __str__(self) -> str:
        """Return what is missing and who reads it."""
        missing = "no series" if self.jobs is None else f"no label {', '.join(sorted(self.missing_labels))}"
        return f"{self.read.selector}: {missing}; read by {', '.join(self.read.readers)}"


@contextlib.contextmanager
def scraping(checkout: Checkout, state: Path) -> Iterator[Stored]:
    """Run all processes, and a Prometheus that scrapes them."""
    with serve(World(load())) as address:
        port = int(address.rpartition(":")[2])
        platform = {f"service-{name}/0": Place(port, f"/{name}/0/metrics") for name in SERVICES}
        with (
            exporters(checkout, state, unavailable_databases()) as places,
            prometheus(checkout, state, {**platform, **places}) as stored,
        ):
            yield stored


def provable_reads() -> list[Read]:
    """Return all reads except those of databases that cannot run on this machine."""
    return [read for read in collect_reads() if read.job not in unavailable_databases()]


def query_findings(stored: Stored, reads: Iterable[Read]) -> list[Finding]:
    """Query all selectors until they are proven or listed, or until the timeout."""
    found = {read.selector: Finding(read, read.labels, None) for read in reads}
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        open_findings = [finding for finding in found.values() if not finding.proven and not finding.listed]
        if not open_findings:
            break
        time.sleep(1)
        found |= {finding.read.selector: _query(stored, finding.read) for finding in open_findings}
    # Query selectors without a job again: by now all jobs have been scraped, not only the first one.
    found |= {one.read.selector: _query(stored, one.read) for one in found.values() if one.proven and not one.read.job}
    return list(found.values())


def _query(stored: Stored, read: Read) -> Finding:
    series = stored.series(read.selector)
    labels_found = frozenset(label for labels in series for label in labels)
    jobs = tuple(sorted({labels.get("job", "") for labels in series}))
    return Finding(read, read.labels - labels_found, jobs if series else None)


def render_evidence(findings: Iterable[Finding]) -> str:
    """Return the metric evidence as JSON: state (live or listed) and source by metric."""
    metrics: dict[str, dict[str, str]] = {}
    for finding in findings:
        if finding.proven or finding.listed:
            outcome = {"state": "live" if finding.proven else "listed", "source": _source(finding)}
            # One live selector is enough; another selector of the metric may belong to another job.
            if metrics.get(finding.read.metric, outcome)["state"] == "listed" or finding.read.metric not in metrics:
                metrics[finding.read.metric] = outcome
    return json.dumps(dict(sorted(metrics.items())), indent=1) + "\n"


def _source(finding: Finding) -> str:
    metric = finding.read.metric
    if not finding.proven:
        return f"{LISTED[metric]['module']} {LISTED[metric]['file']}"
    if metric.startswith(PREFIXES):
        return "rules/metrics.yaml"
    if metric in recorded_series() or metric.startswith(FROM_SETTINGS):
        return "a recording rule"
    job = "prometheus" if metric in BUILT_IN_METRICS else str((finding.jobs or ("",))[0])
    name = PROGRAMS.get(job, job)
    return f"{name} {next(tool.version for tool in table() if tool.name == name)}"


def write_evidence(findings: Iterable[Finding]) -> None:
    """Write the evidence file of the catalogue."""
    EVIDENCE.write_text(render_evidence(findings), encoding="utf-8")
