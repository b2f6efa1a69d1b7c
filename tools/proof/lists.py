"""The names that programs expose, with their labels, in the form of the lists in tests/rules/exporter_metrics/."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from local.tools.toolset import table
from tools.exporter_metrics import LISTS, metrics
from tools.proof.proof import TARGET_LABELS
from tools.proof.scraping import Stored

# Exporters with the names of their lists, by their jobs.
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
# Lists that the proof writes: what these programs expose can be had whole. The others know more than one machine shows.
WRITTEN: Final = ("alertmanager", "blackbox-exporter", "prometheus", "prometheus-operator")
# What discovery and relabelling add. `server` is of postgres_exporter before 0.20: the lists tell of the one deployed.
ADDED_LABELS: Final = {*TARGET_LABELS, "__name__", "cluster", "environment", "node", "server", "team"}
# Prometheus makes these of every target, every alert and every recording rule.
_BUILT_IN: Final = re.compile(r"scrape_.*|up|ALERTS.*|.*:.*")


def missing_labels(stored: Stored, job: str, names: set[str]) -> dict[str, set[str]]:
    """The labels that a job's metrics of these names have and its list does not know."""
    listed = metrics(f"{LIST_OF_JOB[job]}.txt")
    found = {name: _labels(stored, f'{name}{{job="{job}"}}').get(name, set()) - listed[name] for name in names}
    return {name: labels for name, labels in found.items() if labels}


def write_lists(stored: Stored) -> None:
    """Write the lists of the programs that are listed whole."""
    for name in WRITTEN:
        jobs = "|".join(job for job, of in LIST_OF_JOB.items() if of == name)
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
