"""A real Prometheus that scrapes an Alertmanager, evaluates rules and sends it what fires."""

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

# In the place of 30 seconds each, and of a minute between two posts of the same alert.
EVERY: Final = "1s"


@contextlib.contextmanager
def prometheus(folder: Path, beside: Alertmanager, *rules: Mapping[str, Any]) -> Iterator[str]:
    """Prometheus while the context lasts; its value is its address."""
    folder.mkdir()
    (folder / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "delivery", "rules": list(rules)}]}))
    target = {
        "targets": [beside.address.removeprefix("http://")],
        "labels": {"namespace": "monitoring", "service": "alertmanager"},
    }
    configuration = {
        "global": {"scrape_interval": EVERY, "evaluation_interval": EVERY},
        "rule_files": ["rules.yaml"],
        "scrape_configs": [{"job_name": "alertmanager", "static_configs": [target]}],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": target["targets"]}]}]},
    }
    (folder / CONFIGURATION).write_text(yaml.safe_dump(configuration))
    with started(folder, "--web.enable-lifecycle", f"--rules.alert.resend-delay={EVERY}") as address:
        yield address


def scrape_nothing(folder: Path, address: str) -> None:
    """Take its targets away from the Prometheus of this folder; it goes on evaluating."""
    file = folder / CONFIGURATION
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | {"scrape_configs": []}))
    with urlopen(Request(f"{address}/-/reload", method="POST"), timeout=10) as answer:
        assert answer.status == 200


def query(address: str, expression: str) -> list[dict[str, Any]]:
    """What Prometheus answers; nothing while it starts."""
    try:
        with urlopen(f"{address}/api/v1/query?query={quote(expression)}", timeout=10) as answer:
            found: list[dict[str, Any]] = json.load(answer)["data"]["result"]
            return found
    except OSError:
        return []
