"""A real Prometheus with the rules of a stack, for the fire drill."""

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
from tools.drill.scaling import scale_seconds

# Interval at which Prometheus resends a firing alert, unscaled.
RESEND_SECONDS: Final = 60


@dataclass(frozen=True)
class Prometheus:
    """A running Prometheus."""

    address: str

    def scraped(self) -> int:
        """Return the number of targets whose last scrape succeeded."""
        with urlopen(f"{self.address}/api/v1/query?query=sum(up)", timeout=10) as response:
            result = json.load(response)["data"]["result"]
        return int(result[0]["value"][1]) if result else 0

    def problems(self) -> list[str]:
        """Return the error messages of rule evaluations."""
        with urlopen(f"{self.address}/api/v1/rules", timeout=10) as response:
            groups = json.load(response)["data"]["groups"]
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
    """Run Prometheus on loopback.

    Args:
        folder: Empty folder for its files and log.
        groups: Rule groups, already scaled.
        labels: Labels of every series and alert, as in the scrape class of the stack.
        targets: Address of the target list of the synthetic platform.
        alertmanager: Host and port of the Alertmanager.
        interval: Scrape and evaluation interval in unscaled seconds.
        speed: Factor for the speed.
    """
    (folder / "rules.yaml").write_text(yaml.safe_dump({"groups": list(groups)}, sort_keys=False))
    (folder / CONFIGURATION).write_text(yaml.safe_dump(_configuration(labels, targets, alertmanager, interval, speed)))
    with started(folder, f"--rules.alert.resend-delay={scale_seconds(RESEND_SECONDS, speed)}") as address:
        yield Prometheus(address)


def _configuration(
    labels: Mapping[str, str], targets: str, alertmanager: str, interval: float, speed: float
) -> dict[str, Any]:
    scaled = scale_seconds(interval, speed)
    return {
        "global": {
            "scrape_interval": scaled,
            "scrape_timeout": scaled,
            "evaluation_interval": scaled,
            "external_labels": dict(labels),
        },
        "rule_files": ["rules.yaml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]},
        "scrape_configs": [
            {
                "job_name": "synthetic",
                # As in the stack for kube-state-metrics, whose series have their own target labels.
                "honor_labels": True,
                "http_sd_configs": [{"url": targets, "refresh_interval": "1s"}],
                "relabel_configs": [{"target_label": name, "replacement": value} for name, value in labels.items()],
            }
        ],
    }
