"""Checks of storage: volume claims, their retention, and the retention of samples."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

from common.problems import Problem
from common.quantities import parse_quantity, parse_size
from policy.environments import is_production
from policy.model import OPERATOR, Resource, problem
from policy.properties import at, mapping

_PROMETHEUS: Final = f"{OPERATOR}:Prometheus"
_STORING: Final = (_PROMETHEUS, f"{OPERATOR}:Alertmanager")
_CLAIM: Final = "core:PersistentVolumeClaim"
_SIZE: Final = "spec.resources.requests.storage"
_POLICY: Final = "persistentVolumeClaimRetentionPolicy"


def has_claim(resource: Resource, environment: str) -> Iterator[Problem]:
    """Require a volume claim with a size; without one the operator uses an emptyDir."""
    if resource.kind not in _STORING:
        return
    storage = mapping(at(resource.properties, "spec.storage"))
    if temporary := [field for field in ("emptyDir", "ephemeral") if field in storage]:
        yield problem(f"spec.storage.{temporary[0]}", "storage that is deleted with the pod", "volumeClaimTemplate")
    if not at(storage, f"volumeClaimTemplate.{_SIZE}"):
        yield problem("spec.storage.volumeClaimTemplate", "no claim with a size", f"a claim with {_SIZE}")


def retains_claims(resource: Resource, environment: str) -> Iterator[Problem]:
    """Require that claims are retained in production on deletion and on scaling down."""
    if resource.kind not in _STORING or not is_production(environment):
        return
    policy = mapping(at(resource.properties, f"spec.{_POLICY}"))
    for event in ("whenDeleted", "whenScaled"):
        if policy.get(event, "Retain") != "Retain":
            yield problem(f"spec.{_POLICY}.{event}", policy[event], f"Retain in environment {environment}")


def has_retention_limits(resource: Resource, environment: str) -> Iterator[Problem]:
    """Require a retention time and a retention size."""
    if resource.kind != _PROMETHEUS:
        return
    specification = mapping(resource.properties.get("spec"))
    for field, example in (("retention", "a time such as 30d"), ("retentionSize", "a size such as 40GB")):
        if not specification.get(field):
            yield problem(f"spec.{field}", specification.get(field), example)


def has_claim_per_replica(resources: Sequence[Resource]) -> Iterator[tuple[Resource, Problem]]:
    """Require a claim created by the program per replica; those of a StatefulSet cannot be resized."""
    for resource in resources:
        if resource.kind in _STORING:
            claims = _claims(resource, resources)
            replicas = _replicas(resource)
            if len(claims) < replicas:
                yield (
                    resource,
                    problem("PersistentVolumeClaim", f"{len(claims)} of its own", f"{replicas}, one per replica"),
                )


def retention_fits_volume(resources: Sequence[Resource]) -> Iterator[tuple[Resource, Problem]]:
    """Require a retention size below the smallest claim; Prometheus stops on a full volume."""
    for resource in resources:
        retention_size = at(resource.properties, "spec.retentionSize")
        if resource.kind != _PROMETHEUS or not retention_size:
            continue
        for claim in _claims(resource, resources):
            size = at(claim.properties, _SIZE)
            try:
                if parse_size(str(retention_size)) < parse_quantity(str(size)):
                    continue
            except ValueError:
                pass
            allowed = f"a size below the {size} of claim {claim.name}"
            yield resource, problem("spec.retentionSize", retention_size, allowed)
            break


def _claims(resource: Resource, resources: Sequence[Resource]) -> list[Resource]:
    """Return the claims with the names that the StatefulSets of a custom resource use."""
    name, namespace = at(resource.properties, "metadata.name"), at(resource.properties, "metadata.namespace")
    prefix = f"{resource.kind.rpartition(':')[2].lower()}-{name}-db-"
    return [
        each
        for each in resources
        if each.kind == _CLAIM
        and at(each.properties, "metadata.namespace") == namespace
        and str(at(each.properties, "metadata.name")).startswith(prefix)
    ]


def _replicas(resource: Resource) -> int:
    """Return the number of pods of all shards; the operator's default is one of each."""
    counts = (at(resource.properties, f"spec.{field}") for field in ("replicas", "shards"))
    return math.prod(int(count) if isinstance(count, int | float) else 1 for count in counts)
