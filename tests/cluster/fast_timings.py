"""Shortened timings of a stack.

Everything else is as after `make up NODE=real DEMO=yes`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml

from tests.cluster.failure_injections import FAILURES
from tools.checkout import Checkout

# Seconds for which an Alertmanager waits for each one before it in the cluster; its default is 15.
PEER_TIMEOUT: Final = 6
# Longer than the last of three Alertmanagers waits.
GROUP_INTERVAL: Final = 18


def shorten_timings(checkout: Checkout) -> None:
    """Shorten alert and notification timings of a checkout to seconds."""
    # A container counts as crash-looping for this time after its last backoff.
    _replace(checkout.folder / "rules" / "kubernetes.yaml", 'CrashLoopBackOff"}[5m]', 'CrashLoopBackOff"}[1m]')
    _replace(
        checkout.folder / "manifests" / "alertmanager.py",
        '"configSecret": configuration,',
        f'"configSecret": configuration, "clusterPeerTimeout": "{PEER_TIMEOUT}s",',
    )
    # The shortest group interval that the settings allow depends on it.
    _replace(
        checkout.folder / "settings" / "loader.py",
        "_PEER_TIMEOUT: Final = 15",
        f"_PEER_TIMEOUT: Final = {PEER_TIMEOUT}",
    )
    settings = checkout.folder / "local" / "demo" / "settings.yaml"
    content: dict[str, Any] = yaml.safe_load(settings.read_text())
    content["monitoring:notifications"]["groupInterval"] = f"{GROUP_INTERVAL}s"
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
