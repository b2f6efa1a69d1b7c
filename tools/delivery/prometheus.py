"""A real Prometheus that scrapes an Alertmanager and sends alerts to it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from urllib.request import Request, urlopen

import yaml

from local.prometheus import CONFIGURATION
from local.prometheus import prometheus as started
from tools.delivery.alertmanager import Alertmanager

# Scrape, evaluation and resend interval, instead of 30 s to 1 min.
INTERVAL: Final = "1s"


@contextlib.contextmanager
def prometheus(folder: Path, alertmanager: Alertmanager, *rules: Mapping[str, Any]) -> Iterator[str]:
    """Run Prometheus and yield its address."""
    folder.mkdir()
    (folder / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "delivery", "rules": list(rules)}]}))
    target = {
        "targets": [alertmanager.address.removeprefix("http://")],
        "labels": {"namespace": "monitoring", "service": "alertmanager"},
    }
    configuration = {
        "global": {"scrape_interval": INTERVAL, "evaluation_interval": INTERVAL},
        "rule_files": ["rules.yaml"],
        "scrape_configs": [{"job_name": "alertmanager", "static_configs": [target]}],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": target["targets"]}]}]},
    }
    (folder / CONFIGURATION).write_text(yaml.safe_dump(configuration))
    with started(folder, "--web.enable-lifecycle", f"--rules.alert.resend-delay={INTERVAL}") as address:
        yield address


def scrape_nothing(folder: Path, address: str) -> None:
    """Remove all targets from the Prometheus of this folder.

    It continues to evaluate rules.
    """
    file = folder / CONFIGURATION
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | {"scrape_configs": []}))
    with urlopen(Request(f"{address}/-/reload", method="POST"), timeout=10) as response:
        assert response.status == 200


def query(address: str, expression: str) -> list[dict[str, Any]]:
    """Return the result of an instant query; empty while Prometheus starts."""
    try:
        with urlopen(f"{address}/api/v1/query?query={quote(expression)}", timeout=10) as response:
            found: list[dict[str, Any]] = json.load(response)["data"]["result"]
            return found
    except OSError:
        return []
