"""Checks of planned volume claims against existing claims and storage classes."""

import json
from collections.abc import Iterable
from typing import Final

from common.problems import Problem, suggestion
from common.quantities import parse_quantity
from manifests.volume_claims import PlannedClaim
from preflight.cluster_storage import ExistingClaim, Storage

_GUIDE: Final = "docs/operations/volumes.md"


def claim_problems(planned: Iterable[PlannedClaim], storage: Storage) -> list[Problem]:
    """Return one problem per size or storage class that a claim cannot change to or the cluster does not have."""
    problems: dict[str, Problem] = {}
    for claim in planned:
        existing = storage.claims.get(claim.name)
        for problem in (_size_problem(claim, existing, storage), _class_problem(claim, existing, storage)):
            if problem:
                problems.setdefault(problem.key, problem)
    return list(problems.values())


def _size_problem(planned: PlannedClaim, existing: ExistingClaim | None, storage: Storage) -> Problem | None:
    if existing is None:
        return None
    try:
        wanted, requested = parse_quantity(planned.size), parse_quantity(existing.requested)
        capacity = parse_quantity(existing.capacity) if existing.capacity else None
    except ValueError:  # A quantity with an exponent, which Kubernetes allows but this program never writes.
        return None
    if wanted == requested:
        return None
    key, size = f"monitoring:{planned.setting}.size", existing.requested
    found = f"{json.dumps(planned.size)}, but claim {planned.name} has {size}"
    if capacity is None:
        allowed = f"{size} until it is bound, or delete the claim ({_GUIDE})"
        return Problem(key, f"{found} and is not bound", allowed)
    # Between capacity and request, the new size takes back an expansion that the storage could not perform.
    if wanted < requested and wanted <= capacity:
        return Problem(key, found, f"{size} or more, because a claim cannot shrink (to replace it: {_GUIDE})")
    if wanted > requested and storage.classes.get(str(existing.storage_class)) is False:
        name = existing.storage_class
        return Problem(
            key,
            f"{found} and class {name} does not allow expansion",
            f"{size}, or allowVolumeExpansion: true in class {name} if its driver supports it (else: {_GUIDE})",
        )
    return None


def _class_problem(planned: PlannedClaim, existing: ExistingClaim | None, storage: Storage) -> Problem | None:
    wanted = planned.storage_class
    key = f"monitoring:{planned.setting}.storageClass"
    if wanted is None:  # The existing class, or the cluster's default, is accepted.
        return None
    if existing is None:
        if not storage.classes or wanted in storage.classes:
            return None
        found = f"{json.dumps(wanted)}, which the cluster does not have"
        return Problem(key, found, suggestion(wanted, storage.classes))
    if existing.storage_class == wanted:
        return None
    found = f"{json.dumps(wanted)}, but claim {planned.name} has class {existing.storage_class}"
    allowed = f"{existing.storage_class}, because a claim cannot change its class (to replace it: {_GUIDE})"
    return Problem(key, found, allowed)
