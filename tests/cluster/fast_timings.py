"""Short timings for a stack that a test waits for; all else is as `make up NODE=real DEMO=yes` deploys it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.cluster.failure_injections import CAUSES
from tools.checkout import Checkout


def shorten(checkout: Checkout) -> None:
    """Shorten the times until alerts fire, resolve and are sent, in a checkout's settings and rules."""
    # For as long as this after a container's last wait it counts as crashing.
    _replace(checkout.folder / "rules" / "kubernetes.yaml", 'CrashLoopBackOff"}[5m]', 'CrashLoopBackOff"}[1m]')
    settings = checkout.folder / "local" / "demo" / "settings.yaml"
    content: dict[str, Any] = yaml.safe_load(settings.read_text())
    # Longer than the 30 s for which the last of three Alertmanagers waits for the others.
    content["monitoring:notifications"]["groupInterval"] = "40s"
    overrides = content["monitoring:alerts"]["overrides"]
    overrides |= {cause.alert: overrides.get(cause.alert, {}) | {"for": "10s"} for cause in CAUSES}
    settings.write_text(yaml.safe_dump(content, sort_keys=False))


def _replace(file: Path, text: str, other: str) -> None:
    before = file.read_text()
    assert before.count(text) == 1, f"{file.name}: {text}"
    file.write_text(before.replace(text, other))
