"""Shortened timings of a stack.

Everything else is as after `make up NODE=real DEMO=yes`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.cluster.failure_injections import FAILURES
from tools.checkout import Checkout


def shorten_timings(checkout: Checkout) -> None:
    """Shorten alert and notification timings of a checkout to seconds."""
    # A container counts as crash-looping for this time after its last backoff.
    _replace(checkout.folder / "rules" / "kubernetes.yaml", 'CrashLoopBackOff"}[5m]', 'CrashLoopBackOff"}[1m]')
    settings = checkout.folder / "local" / "demo" / "settings.yaml"
    content: dict[str, Any] = yaml.safe_load(settings.read_text())
    # Longer than the 30 s for which the last of three Alertmanagers waits for the others.
    content["monitoring:notifications"]["groupInterval"] = "40s"
    overrides = content["monitoring:alerts"]["overrides"]
    overrides |= {
        failure.alert: overrides.get(failure.alert, {}) | {"for": "10s", "keep_firing_for": "0s"}
        for failure in FAILURES
    }
    settings.write_text(yaml.safe_dump(content, sort_keys=False))


def _replace(file: Path, text: str, replacement: str) -> None:
    before = file.read_text()
    assert before.count(text) == 1, f"{file.name}: {text}"
    file.write_text(before.replace(text, replacement))
