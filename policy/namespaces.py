"""Namespaces: how much their pods may do at most."""

from collections.abc import Iterator
from typing import Final

from common.problems import Problem
from policy.model import Resource, problem
from policy.properties import at, mapping

REASON: Final = "monitoring/privileged-because"
"""The annotation with which a namespace for node agents says why it needs the privileged level."""
_LEVEL: Final = "pod-security.kubernetes.io/enforce"


def enforces_pod_security(resource: Resource, environment: str) -> Iterator[Problem]:
    """A pod security level that is enforced; `privileged` only with its reason."""
    if resource.kind != "core:Namespace":
        return
    level = mapping(at(resource.properties, "metadata.labels")).get(_LEVEL)
    reason = mapping(at(resource.properties, "metadata.annotations")).get(REASON)
    if level not in ("restricted", "baseline") and not (level == "privileged" and reason):
        yield problem(
            f"metadata.labels.{_LEVEL}", level, f"restricted, baseline, or privileged with annotation {REASON}"
        )
