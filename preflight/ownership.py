"""Owners of objects in a cluster, as their labels, annotations and field managers tell them."""

from collections.abc import Mapping
from typing import Any, Final

from common.labels import owning_stack

_RELEASE_NAME: Final = "meta.helm.sh/release-name"
_RELEASE_NAMESPACE: Final = "meta.helm.sh/release-namespace"
# Start of the field manager's name of this program's provider.
_PROVIDER: Final = "pulumi"


def helm_release(item: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return namespace and name of the Helm release that owns an object; None if no release does."""
    annotations = item["metadata"].get("annotations") or {}
    if _RELEASE_NAME not in annotations:
        return None
    return str(annotations.get(_RELEASE_NAMESPACE, "")), str(annotations[_RELEASE_NAME])


def stack_of(item: Mapping[str, Any]) -> str | None:
    """Return the stack of this program that an object is labelled with; None if it has no such label."""
    return owning_stack(item["metadata"].get("labels") or {})


def is_by_provider(item: Mapping[str, Any]) -> bool:
    """Return whether a Pulumi program manages fields of an object."""
    return any(manager.startswith(_PROVIDER) for manager in _managers(item))


def has_managers(item: Mapping[str, Any]) -> bool:
    """Return whether anyone manages fields of an object; an object with nothing but a name has no managers."""
    return bool(_managers(item))


def describe_owner(item: Mapping[str, Any]) -> str:
    """Return the owner of an object in words."""
    if release := helm_release(item):
        return f"Helm release {'/'.join(release)}"
    if stack := stack_of(item):
        return f"stack {stack} of this program"
    if label := (item["metadata"].get("labels") or {}).get("app.kubernetes.io/managed-by"):
        return str(label)
    return next(iter(_managers(item)), "an unknown owner")


def _managers(item: Mapping[str, Any]) -> list[str]:
    return [
        str(entry.get("manager", "")) for entry in item["metadata"].get("managedFields") or () if entry.get("manager")
    ]
