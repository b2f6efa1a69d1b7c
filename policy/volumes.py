"""Data: on a claim, kept when its pod goes, and never more than fits."""

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
    """A claim with a size: without one the operator takes a folder that dies with the pod."""
    if resource.kind not in _STORING:
        return
    storage = mapping(at(resource.properties, "spec.storage"))
    if temporary := [field for field in ("emptyDir", "ephemeral") if field in storage]:
        yield problem(f"spec.storage.{temporary[0]}", "data that die with the pod", "volumeClaimTemplate")
    if not at(storage, f"volumeClaimTemplate.{_SIZE}"):
        yield problem("spec.storage.volumeClaimTemplate", "no claim with a size", f"a claim with {_SIZE}")


def retains_claims(resource: Resource, environment: str) -> Iterator[Problem]:
    """In production no claim goes with its custom resource or with a smaller number of replicas."""
    if resource.kind not in _STORING or not is_production(environment):
        return
    policy = mapping(at(resource.properties, f"spec.{_POLICY}"))
    for event in ("whenDeleted", "whenScaled"):
        if policy.get(event, "Retain") != "Retain":
            yield problem(f"spec.{_POLICY}.{event}", policy[event], f"Retain in environment {environment}")


def has_retention_limits(resource: Resource, environment: str) -> Iterator[Problem]:
    """Time and size of what is kept are set."""
    if resource.kind != _PROMETHEUS:
        return
    specification = mapping(resource.properties.get("spec"))
    for field, example in (("retention", "how long samples are kept, such as 30d"), ("retentionSize", "such as 40GB")):
        if not specification.get(field):
            yield problem(f"spec.{field}", specification.get(field), example)


def has_claim_per_replica(resources: Sequence[Resource]) -> Iterator[tuple[Resource, Problem]]:
    """The program makes the claim of each replica: one that a StatefulSet makes has the template's size for ever."""
    for resource in resources:
        if resource.kind in _STORING:
            claims = _claims(resource, resources)
            wanted = _replicas(resource)
            if len(claims) < wanted:
                yield (
                    resource,
                    problem("PersistentVolumeClaim", f"{len(claims)} of its own", f"{wanted}, one a replica"),
                )


def retention_fits_volume(resources: Sequence[Resource]) -> Iterator[tuple[Resource, Problem]]:
    """Prometheus keeps less than its smallest claim holds: a full volume stops it."""
    for resource in resources:
        kept = at(resource.properties, "spec.retentionSize")
        if resource.kind != _PROMETHEUS or not kept:
            continue
        for claim in _claims(resource, resources):
            asked = at(claim.properties, _SIZE)
            try:
                if parse_size(str(kept)) < parse_quantity(str(asked)):
                    continue
            except ValueError:
                pass
            yield resource, problem("spec.retentionSize", kept, f"a size below the {asked} of claim {claim.name}")
            break


def _claims(resource: Resource, resources: Sequence[Resource]) -> list[Resource]:
    """The claims whose names are those that the StatefulSets of a custom resource look for."""
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
    """Pods of all shards; the operator takes one where nothing is said."""
    counts = (at(resource.properties, f"spec.{field}") for field in ("replicas", "shards"))
    return math.prod(int(count) if isinstance(count, int | float) else 1 for count in counts)
