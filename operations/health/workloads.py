"""Workloads and pods of each component."""

from collections.abc import Mapping
from typing import Any, Final

from operations.health.plan import Component
from operations.health.reading import Reading

_RELEASE_ANNOTATION: Final = "meta.helm.sh/release-name"


def workloads_of(component: Component, reading: Reading) -> list[Mapping[str, Any]]:
    """Return the Deployments, StatefulSets and DaemonSets of a component.

    Raises:
        UnknownError: They could not be read.
    """
    return [each for each in reading.object("workloads") if _belongs_to(each, component)]


def pods_of(component: Component, reading: Reading) -> list[Mapping[str, Any]]:
    """Return the pods of a component.

    Raises:
        UnknownError: They could not be read.
    """
    names = {each["metadata"]["name"] for each in workloads_of(component, reading)}
    return [pod for pod in reading.object("pods") if names & _workload_names(pod)]


def _belongs_to(workload: Mapping[str, Any], component: Component) -> bool:
    metadata = workload["metadata"]
    if component.instance is None:
        return bool(metadata.get("annotations", {}).get(_RELEASE_ANNOTATION) == component.release)
    owners = {(owner["kind"], owner["name"]) for owner in metadata.get("ownerReferences", ())}
    return (component.instance.kind, component.instance.name) in owners


def _workload_names(pod: Mapping[str, Any]) -> set[str]:
    """Return the names of the workloads that a pod may belong to; a ReplicaSet is named after its Deployment."""
    owners = [owner["name"] for owner in pod["metadata"].get("ownerReferences", ())]
    return {*owners, *(name.rpartition("-")[0] for name in owners)}
