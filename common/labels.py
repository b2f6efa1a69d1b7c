"""Labels that tie the stack's objects together; other teams set the first one on what they want monitored."""

from collections.abc import Mapping
from typing import Any, Final

# Prometheus picks up every monitor, probe and rule with this label, in any namespace.
SELECTOR: Final[Mapping[str, str]] = {"monitoring/stack": "bais"}


def component_labels(name: str) -> dict[str, str]:
    """The label of a component's own Service; the operator's headless Service for the same pods lacks it."""
    return {"monitoring/piece": name}


def pod_labels(kind: str, instance: str) -> dict[str, str]:
    """The labels of the pods that the operator runs for a custom resource called `instance`."""
    return {"app.kubernetes.io/name": kind, "app.kubernetes.io/instance": instance}


def relabelings(labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """The relabelings that give every series of a target these labels."""
    return [{"targetLabel": label, "replacement": value} for label, value in labels.items()]
