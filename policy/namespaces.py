"""Checks of namespaces: the pod security level."""

from collections.abc import Iterator
from typing import Final

from common.labels import ADOPTED
from common.problems import Problem
from policy.model import Resource, problem
from policy.properties import at, mapping

# Annotation with the reason why a namespace for node agents needs the privileged level.
REASON: Final = "monitoring/privileged-because"
_LEVEL: Final = "pod-security.kubernetes.io/enforce"


def enforces_pod_security(resource: Resource, environment: str) -> Iterator[Problem]:
    """Require an enforced pod security level; `privileged` only with a reason."""
    if resource.kind not in ("core:Namespace", "core:NamespacePatch"):
        return
    annotations = mapping(at(resource.properties, "metadata.annotations"))
    if resource.kind == "core:Namespace" and ADOPTED.items() <= annotations.items():
        return  # Its level is in the patch of the same namespace.
    level = mapping(at(resource.properties, "metadata.labels")).get(_LEVEL)
    reason = annotations.get(REASON)
    if level not in ("restricted", "baseline") and not (level == "privileged" and reason):
        yield problem(
            f"metadata.labels.{_LEVEL}", level, f"restricted, baseline, or privileged with annotation {REASON}"
        )
