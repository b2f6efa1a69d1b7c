"""Scrape configuration of the operator, redirected to real processes."""

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

# Scrape and evaluation interval, instead of 30 s and of the intervals of rule groups.
INTERVAL: Final = "2s"
# Retention of production: the one of the local stack is too short for error budgets over 30 days.
RETENTION: Final = str(
    yaml.safe_load((PROJECT / "Pulumi.prod.yaml").read_text())["config"]["monitoring:prometheus"]["retention"]
)


@dataclass(frozen=True)
class Place:
    """Loopback port and path of a target.

    Without a path, the one from service discovery.
    """

    port: int
    path: str | None = None


def redirect_to_loopback(configuration: Mapping[str, Any], places: Mapping[str, Place]) -> dict[str, Any]:
    """Return the configuration with every target redirected to its place.

    Places are given by job name without kind and namespace; a job without a place is removed.
    """
    redirected = copy.deepcopy(dict(configuration))
    redirected["global"] |= {"scrape_interval": INTERVAL, "evaluation_interval": INTERVAL}
    redirected["storage"]["tsdb"]["retention"]["time"] = RETENTION
    redirected["scrape_configs"] = [job for job in redirected["scrape_configs"] if short_job_name(job) in places]
    for job in redirected["scrape_configs"]:
        job.pop("scrape_interval", None)
        job.pop("scrape_timeout", None)
        job["relabel_configs"] = [*job.get("relabel_configs", []), *_relabelling(places[short_job_name(job)])]
    # A receiver that refuses everything: the metrics of remote write exist only with one.
    redirected["remote_write"] = [{"name": "nowhere", "url": "http://127.0.0.1:9/api/v1/write"}]
    for manager in redirected["alerting"]["alertmanagers"]:
        manager["relabel_configs"] += _relabelling(places["alertmanager/0"])
    return redirected


def short_job_name(job: Mapping[str, Any]) -> str:
    """Return the name of a job without kind and namespace of its monitor."""
    return str(job["job_name"]).split("/", 2)[-1]


def shorten_intervals(rules: Path) -> None:
    """Remove group intervals and alert durations from a rule file."""
    content = yaml.safe_load(rules.read_text())
    for group in content["groups"]:
        group.pop("interval", None)
        for rule in group["rules"]:
            rule.pop("for", None)
    rules.write_text(yaml.safe_dump(content))


def _relabelling(place: Place) -> list[dict[str, Any]]:
    """Return the relabelling to a place, which preserves the label `instance`."""
    rules: list[dict[str, Any]] = [
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
    return [*rules, *([{"target_label": "__metrics_path__", "replacement": place.path}] if place.path else [])]


class Stored:
    """Series and targets of a Prometheus on loopback."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"

    def series(self, selector: str) -> list[dict[str, str]]:
        """Return the labels of every series that a selector matches."""
        found: list[dict[str, str]] = self._get("series", **{"match[]": selector})
        return found

    def targets(self) -> list[dict[str, Any]]:
        """Return every target with its labels and last error."""
        found: list[dict[str, Any]] = self._get("targets", state="active")["activeTargets"]
        return found

    def _get(self, path: str, **parameters: str) -> Any:
        with urlopen(f"{self.address}/api/v1/{path}?{urlencode(parameters)}", timeout=10) as response:
            return json.load(response)["data"]
