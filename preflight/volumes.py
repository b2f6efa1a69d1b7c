"""What a stack's settings want of claims that exist, and no claim can do in place."""

import json
from collections.abc import Iterable
from typing import Final

from common.problems import Problem, suggestion
from common.quantities import parse_quantity
from manifests.volume_claims import PlannedClaim
from preflight.cluster_storage import ExistingClaim, Storage

_WAY: Final = "docs/operations/volumes.md"


def claim_problems(planned: Iterable[PlannedClaim], storage: Storage) -> list[Problem]:
    """One problem for each setting of a size or class that an existing claim or the cluster cannot follow."""
    problems: dict[str, Problem] = {}
    for each in planned:
        existing = storage.claims.get(each.name)
        for problem in (_size_problem(each, existing, storage), _class_problem(each, existing, storage)):
            if problem:
                problems.setdefault(problem.key, problem)
    return list(problems.values())


def _size_problem(planned: PlannedClaim, existing: ExistingClaim | None, storage: Storage) -> Problem | None:
    if existing is None:
        return None
    try:
        wanted, requested = parse_quantity(planned.size), parse_quantity(existing.requested)
        capacity = parse_quantity(existing.capacity) if existing.capacity else None
    except ValueError:  # An exponent, which Kubernetes knows and no stack of ours has written.
        return None
    if wanted == requested:
        return None
    key, size = f"monitoring:{planned.setting}.size", existing.requested
    found = f"{json.dumps(planned.size)}, but claim {planned.name} has {size}"
    if capacity is None:
        return Problem(key, f"{found} and is not bound", f"{size} until it is bound; or delete the claim: {_WAY}")
    # Between the two, a growth that the storage could not do is taken back.
    if wanted < requested and wanted <= capacity:
        return Problem(key, found, f"{size} or more, no claim can shrink; the way to less: {_WAY}")
    if wanted > requested and storage.classes.get(str(existing.storage_class)) is False:
        name = existing.storage_class
        return Problem(
            key,
            f"{found} and class {name} lets none grow",
            f"{size}, or allowVolumeExpansion on class {name} if its driver can; else the way to more: {_WAY}",
        )
    return None


def _class_problem(planned: PlannedClaim, existing: ExistingClaim | None, storage: Storage) -> Problem | None:
    wanted = planned.storage_class
    key = f"monitoring:{planned.setting}.storageClass"
    if wanted is None:  # Whatever it has, or else the cluster's default, is right.
        return None
    if existing is None:
        unknown = storage.classes and wanted not in storage.classes
        known = suggestion(wanted, storage.classes)
        return Problem(key, f"{json.dumps(wanted)}, which the cluster does not have", known) if unknown else None
    if existing.storage_class == wanted:
        return None
    found = f"{json.dumps(wanted)}, but claim {planned.name} has class {existing.storage_class}"
    return Problem(key, found, f"{existing.storage_class}, no claim can change its class; the way to another: {_WAY}")
