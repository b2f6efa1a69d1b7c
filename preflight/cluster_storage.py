"""Existing claims and storage classes of a cluster, read with kubectl before any resource is registered.

If kubectl is missing or fails, both are empty, and an impossible change is rejected later, by the API server.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from preflight.kubectl import kubectl_get

_TIMEOUT_SECONDS: Final = 15


@dataclass(frozen=True, kw_only=True)
class ExistingClaim:
    """Requested size of a claim and, once it is bound, its capacity; both are Kubernetes quantities."""

    requested: str
    capacity: str | None = None
    storage_class: str | None = None


@dataclass(frozen=True, kw_only=True)
class Storage:
    """Claims of one namespace by name; storage classes by name, with whether they allow volume expansion."""

    claims: Mapping[str, ExistingClaim] = field(default_factory=dict)
    classes: Mapping[str, bool] = field(default_factory=dict)


def existing_storage(context: str | None, namespace: str) -> Storage:
    """Return the storage of the cluster of a kubeconfig context (default: the current one).

    Empty if kubectl is missing or fails. Takes at most 15 s for each of two calls.
    """
    return parse_storage(
        _get_items(context, "persistentvolumeclaims", f"--namespace={namespace}"), _get_items(context, "storageclasses")
    )


def parse_storage(claims: list[Mapping[str, Any]], classes: list[Mapping[str, Any]]) -> Storage:
    """Return the storage that lists of claims and storage classes from the API server describe."""
    return Storage(
        claims={
            claim["metadata"]["name"]: ExistingClaim(
                requested=claim["spec"]["resources"]["requests"]["storage"],
                capacity=claim.get("status", {}).get("capacity", {}).get("storage"),
                storage_class=claim["spec"].get("storageClassName"),
            )
            for claim in claims
        },
        classes={item["metadata"]["name"]: bool(item.get("allowVolumeExpansion")) for item in classes},
    )


def _get_items(context: str | None, kind: str, *arguments: str) -> list[Mapping[str, Any]]:
    output = kubectl_get(context, kind, "--output=json", f"--request-timeout={_TIMEOUT_SECONDS}s", *arguments)
    items: list[Mapping[str, Any]] = json.loads(output)["items"] if output is not None else []
    return items
