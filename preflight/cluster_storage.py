"""The claims and storage classes that a cluster has, before anything is registered.

Asked through kubectl, which logs in in every way that a kubeconfig knows. Where it is missing or refused, nothing is
known, and the API server itself refuses what cannot be, in its own words and later.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from preflight.kubectl import get_output

_SECONDS: Final = 15


@dataclass(frozen=True, kw_only=True)
class ExistingClaim:
    """A claim as quantities of bytes: what it asks for and, once it is bound, what it has."""

    requested: str
    capacity: str | None = None
    storage_class: str | None = None


@dataclass(frozen=True, kw_only=True)
class Storage:
    """Claims of one namespace by name, and storage classes by name with whether their claims may grow."""

    claims: Mapping[str, ExistingClaim] = field(default_factory=dict)
    classes: Mapping[str, bool] = field(default_factory=dict)


def existing_storage(context: str | None, namespace: str) -> Storage:
    """What the cluster of a kubeconfig context (default: the current one) has; empty where it does not say.

    Waits 15 s at most for each of two answers.
    """
    return storage(
        _items(context, "persistentvolumeclaims", f"--namespace={namespace}"), _items(context, "storageclasses")
    )


def storage(claims: list[Mapping[str, Any]], classes: list[Mapping[str, Any]]) -> Storage:
    """What lists of claims and classes, as the API server gives them, hold."""
    return Storage(
        claims={
            each["metadata"]["name"]: ExistingClaim(
                requested=each["spec"]["resources"]["requests"]["storage"],
                capacity=each.get("status", {}).get("capacity", {}).get("storage"),
                storage_class=each["spec"].get("storageClassName"),
            )
            for each in claims
        },
        classes={each["metadata"]["name"]: bool(each.get("allowVolumeExpansion")) for each in classes},
    )


def _items(context: str | None, kind: str, *arguments: str) -> list[Mapping[str, Any]]:
    answer = get_output(context, kind, "--output=json", f"--request-timeout={_SECONDS}s", *arguments)
    items: list[Mapping[str, Any]] = json.loads(answer)["items"] if answer is not None else []
    return items
