"""The pace of a stack that a test waits for: only times differ from what `make up NODE=real DEMO=yes` gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.cluster.failure_injections import FAILURES
from tools.checkout import Checkout


def shorten_timings(checkout: Checkout) -> None:
    """Have alerts told, and told to be over, within seconds: in a checkout's own settings, rules and routes."""
    # Longer than the last of three Alertmanagers waits for the others, 30 s: else it tells what is over by then.
    _replace(checkout.folder / "routing" / "routes.py", '"group_interval": "5m"', '"group_interval": "40s"')
    # For as long as this after a container's last wait it counts as crashing.
    _replace(checkout.folder / "rules" / "kubernetes.yaml", 'CrashLoopBackOff"}[5m]', 'CrashLoopBackOff"}[1m]')
    settings = checkout.folder / "local" / "demo" / "settings.yaml"
    content: dict[str, Any] = yaml.safe_load(settings.read_text())
    overrides = content["monitoring:alerts"]["overrides"]
    overrides |= {failure.alert: overrides.get(failure.alert, {}) | {"for": "10s"} for failure in FAILURES}
    settings.write_text(yaml.safe_dump(content, sort_keys=False))


def _replace(file: Path, text: str, other: str) -> None:
    before = file.read_text()
    assert before.count(text) == 1, f"{file.name}: {text}"
    file.write_text(before.replace(text, other))
