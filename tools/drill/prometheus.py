"""A real Prometheus with a stack's rules, scraping the synthetic platform and telling a real Alertmanager."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen

import yaml

from local.prometheus import CONFIGURATION
from local.prometheus import prometheus as started
from tools.drill.pace import scale_seconds

RESEND_SECONDS: Final = 60
"""Seconds after which Prometheus tells again of an alert that goes on."""


@dataclass(frozen=True)
class Prometheus:
    """One that runs."""

    address: str

    def scraped(self) -> int:
        """How many targets answered their last scrape."""
        with urlopen(f"{self.address}/api/v1/query?query=sum(up)", timeout=10) as answer:
            result = json.load(answer)["data"]["result"]
        return int(result[0]["value"][1]) if result else 0

    def problems(self) -> list[str]:
        """What is wrong with an evaluation or a scrape, in Prometheus's own words."""
        with urlopen(f"{self.address}/api/v1/rules", timeout=10) as answer:
            groups = json.load(answer)["data"]["groups"]
        return [
            f"{rule['name']}: {rule['lastError']}"
            for group in groups
            for rule in group["rules"]
            if rule.get("lastError")
        ]


@contextlib.contextmanager
def prometheus(
    folder: Path,
    *,
    groups: Sequence[Mapping[str, Any]],
    labels: Mapping[str, str],
    targets: str,
    alertmanager: str,
    interval: float,
    speed: float,
) -> Iterator[Prometheus]:
    """Prometheus, on loopback, while the context lasts; its files and log lie in the folder.

    Args:
        folder: An empty one.
        groups: Groups of rules, at the pace already.
        labels: What every series gets, as the stack's scrape class has it, and every alert that is sent.
        targets: Address of the synthetic platform's list.
        alertmanager: Host and port.
        interval: Seconds between two scrapes, and between two evaluations, before they are divided by `speed`.
        speed: How many times as fast as usual all goes.
    """
    (folder / "rules.yaml").write_text(yaml.safe_dump({"groups": list(groups)}, sort_keys=False))
    (folder / CONFIGURATION).write_text(yaml.safe_dump(_configuration(labels, targets, alertmanager, interval, speed)))
    with started(folder, f"--rules.alert.resend-delay={scale_seconds(RESEND_SECONDS, speed)}") as address:
        yield Prometheus(address)


def _configuration(
    labels: Mapping[str, str], targets: str, alertmanager: str, interval: float, speed: float
) -> dict[str, Any]:
    pace = scale_seconds(interval, speed)
    return {
        "global": {
            "scrape_interval": pace,
            "scrape_timeout": pace,
            "evaluation_interval": pace,
            "external_labels": dict(labels),
        },
        "rule_files": ["rules.yaml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]},
        "scrape_configs": [
            {
                "job_name": "synthetic",
                # As the stack has it for kube-state-metrics, whose series name what they are about.
                "honor_labels": True,
                "http_sd_configs": [{"url": targets, "refresh_interval": "5s"}],
                "relabel_configs": [{"target_label": name, "replacement": value} for name, value in labels.items()],
            }
        ],
    }
