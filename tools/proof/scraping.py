"""The configuration that the operator wrote, with real processes in the place of simulated pods, at a quicker pace."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import urlopen

import yaml

from common.project import PROJECT

INTERVAL: Final = "2s"
"""In the place of half a minute, and of every interval of a group of rules."""
RETENTION: Final = str(
    yaml.safe_load((PROJECT / "Pulumi.prod.yaml").read_text())["config"]["monitoring:prometheus"]["retention"]
)
"""Production's: a laptop keeps a day, in which no error budget of a month can be told."""


@dataclass(frozen=True)
class Place:
    """Where on loopback a target answers; without a path, where discovery says."""

    port: int
    path: str | None = None


def redirect_to_loopback(configuration: Mapping[str, Any], places: Mapping[str, Place]) -> dict[str, Any]:
    """The same configuration, discovery and relabelling included, with every target scraped at its place.

    Places are by a job's name without kind and namespace; a job without a place is left out.
    """
    written = copy.deepcopy(dict(configuration))
    written["global"] |= {"scrape_interval": INTERVAL, "evaluation_interval": INTERVAL}
    written["storage"]["tsdb"]["retention"]["time"] = RETENTION
    written["scrape_configs"] = [job for job in written["scrape_configs"] if short_job_name(job) in places]
    for job in written["scrape_configs"]:
        job.pop("scrape_interval", None)
        job.pop("scrape_timeout", None)
        job["relabel_configs"] = [*job.get("relabel_configs", []), *_relabelling(places[short_job_name(job)])]
    for manager in written["alerting"]["alertmanagers"]:
        manager["relabel_configs"] += _relabelling(places["alertmanager/0"])
    return written


def short_job_name(job: Mapping[str, Any]) -> str:
    """The name of a job without the kind and namespace of its monitor."""
    return str(job["job_name"]).split("/", 2)[-1]


def shorten_intervals(rules: Path) -> None:
    """Have every group of a rule file evaluated at the pace of the others, and alerts fire at once."""
    content = yaml.safe_load(rules.read_text())
    for group in content["groups"]:
        group.pop("interval", None)
        for rule in group["rules"]:
            rule.pop("for", None)
    rules.write_text(yaml.safe_dump(content))


def _relabelling(place: Place) -> list[dict[str, Any]]:
    """The relabelling that comes last: the target keeps the instance that it would have had."""
    moved: list[dict[str, Any]] = [
        {
            "source_labels": ["instance", "__address__"],
            "separator": ";",
            "regex": ";(.+)",
            "target_label": "instance",
            "replacement": "$1",
        },
        {"target_label": "__address__", "replacement": f"127.0.0.1:{place.port}"},
        {"target_label": "__scheme__", "replacement": "http"},
    ]
    return [*moved, *([{"target_label": "__metrics_path__", "replacement": place.path}] if place.path else [])]


class Stored:
    """What a Prometheus on loopback has stored."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"

    def series(self, selector: str) -> list[dict[str, str]]:
        """The labels of every series that a selector finds."""
        found: list[dict[str, str]] = self._get("series", **{"match[]": selector})
        return found

    def targets(self) -> list[dict[str, Any]]:
        """Every target, with its labels and its last error."""
        found: list[dict[str, Any]] = self._get("targets", state="active")["activeTargets"]
        return found

    def _get(self, path: str, **parameters: str) -> Any:
        with urlopen(f"{self.address}/api/v1/{path}?{urlencode(parameters)}", timeout=10) as answer:
            return json.load(answer)["data"]
