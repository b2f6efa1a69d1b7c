"""Labels of the stack's objects, including the one with which other teams select their own for monitoring."""

from collections.abc import Mapping
from typing import Any, Final

# Prometheus selects every monitor, probe and rule with this label, in any namespace.
SELECTOR: Final[Mapping[str, str]] = {"monitoring/stack": "bais"}
# Annotation with a hash of the `spec` of a Prometheus or Alertmanager. The operator copies it to the StatefulSets
# while it applies that specification.
SPECIFICATION_ANNOTATION: Final = "monitoring/specification"


def component_labels(name: str) -> dict[str, str]:
    """Return the label of a component's own Service; the operator's headless Service for the same pods lacks it."""
    return {"monitoring/piece": name}


def pod_labels(kind: str, instance: str) -> dict[str, str]:
    """Return the labels of the pods that the operator runs for the custom resource `instance`."""
    return {"app.kubernetes.io/name": kind, "app.kubernetes.io/instance": instance}


def relabelings(labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the relabelings that add these labels to every series of a target."""
    return [{"targetLabel": label, "replacement": value} for label, value in labels.items()]
