"""Lists of exporter metrics and labels, in tests/rules/exporter_metrics/."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from local.tools.toolset import table
from tools.exporter_metrics import LISTS, metrics
from tools.proof.proof import TARGET_LABELS
from tools.proof.scraping import Stored

# Name of the exporter list by job.
LIST_OF_JOB: Final[Mapping[str, str]] = {
    "alertmanager": "alertmanager",
    "apiserver": "api-server",
    "blackbox-exporter": "blackbox-exporter",
    "kube-state-metrics": "kube-state-metrics",
    "node-exporter": "node-exporter",
    "postgres-exporter": "postgres-exporter",
    "probe-example": "blackbox-exporter",
    "prometheus": "prometheus",
    "prometheus-operator": "prometheus-operator",
    "redis-exporter": "redis-exporter",
}
# Lists that the proof writes, because these programs expose all of their metrics on any machine.
WRITTEN: Final = ("alertmanager", "blackbox-exporter", "prometheus", "prometheus-operator")
# Labels from discovery and relabelling. `server` exists only before postgres_exporter 0.20, and 0.20.1 is deployed.
ADDED_LABELS: Final = {*TARGET_LABELS, "__name__", "cluster", "environment", "node", "server", "team"}
# Series that Prometheus creates for targets, alerts and recording rules.
_BUILT_IN: Final = re.compile(r"scrape_.*|up|ALERTS.*|.*:.*")


def missing_labels(stored: Stored, job: str, names: set[str]) -> dict[str, set[str]]:
    """Return the labels of these metrics that the list of a job lacks, by metric."""
    listed = metrics(f"{LIST_OF_JOB[job]}.txt")
    found = {name: _labels(stored, f'{name}{{job="{job}"}}').get(name, set()) - listed[name] for name in names}
    return {name: labels for name, labels in found.items() if labels}


def write_lists(stored: Stored) -> None:
    """Write the lists of the programs in WRITTEN."""
    for name in WRITTEN:
        jobs = "|".join(job for job, listed in LIST_OF_JOB.items() if listed == name)
        found = _labels(stored, f'{{job=~"{jobs}"}}')
        version = next(tool.version for tool in table() if tool.name == name)
        lines = [f"# {name} {version}: scraped from the real process by `make proof`."]
        lines += (
            f"{metric}{{{', '.join(sorted(labels))}}}" if labels else metric
            for metric, labels in sorted(found.items())
            if not _BUILT_IN.fullmatch(metric)
        )
        (LISTS / f"{name}.txt").write_text("\n".join([*lines, ""]), encoding="utf-8")


def _labels(stored: Stored, selector: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for labels in stored.series(selector):
        found.setdefault(labels["__name__"], set()).update(set(labels) - ADDED_LABELS)
    return found
