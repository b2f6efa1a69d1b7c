"""Data: on a claim, kept when its pod goes, and never more than fits."""

from collections.abc import Iterator
from typing import Final

from components.quantities import quantity, size
from policy.check import OPERATOR, Resource, fault
from policy.environments import is_production
from policy.reading import at, mapping
from rules.faults import Fault

_PROMETHEUS: Final = f"{OPERATOR}:Prometheus"
_STORING: Final = (_PROMETHEUS, f"{OPERATOR}:Alertmanager")
_SIZE: Final = "spec.resources.requests.storage"
_POLICY: Final = "persistentVolumeClaimRetentionPolicy"


def claimed(resource: Resource, environment: str) -> Iterator[Fault]:
    """A claim with a size: without one the operator takes a folder that dies with the pod."""
    if resource.kind not in _STORING:
        return
    storage = mapping(at(resource.properties, "spec.storage"))
    if temporary := [field for field in ("emptyDir", "ephemeral") if field in storage]:
        yield fault(f"spec.storage.{temporary[0]}", "data that die with the pod", "volumeClaimTemplate")
    if not at(storage, f"volumeClaimTemplate.{_SIZE}"):
        yield fault("spec.storage.volumeClaimTemplate", "no claim with a size", f"a claim with {_SIZE}")


def retained(resource: Resource, environment: str) -> Iterator[Fault]:
    """In production no claim goes with its custom resource or with a smaller number of replicas."""
    if resource.kind not in _STORING or not is_production(environment):
        return
    policy = mapping(at(resource.properties, f"spec.{_POLICY}"))
    for event in ("whenDeleted", "whenScaled"):
        if policy.get(event, "Retain") != "Retain":
            yield fault(f"spec.{_POLICY}.{event}", policy[event], f"Retain in environment {environment}")


def bounded(resource: Resource, environment: str) -> Iterator[Fault]:
    """Time and size of what is kept are set, and the size is below the claim: a full volume stops Prometheus."""
    if resource.kind != _PROMETHEUS:
        return
    specification = mapping(resource.properties.get("spec"))
    if not specification.get("retention"):
        yield fault("spec.retention", specification.get("retention"), "how long samples are kept, such as 30d")
    kept, claim = specification.get("retentionSize"), at(specification, f"storage.volumeClaimTemplate.{_SIZE}")
    try:
        if size(str(kept)) < quantity(str(claim)):
            return
    except ValueError:
        pass
    yield fault("spec.retentionSize", kept, f"a size below the claim of {claim}")
