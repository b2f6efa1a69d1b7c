"""Audit of a pod object for missing hardening."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from policy.pods import is_pinned
from policy.properties import at, items, mapping

HOST_NAMESPACES: Final = ("hostNetwork", "hostPID", "hostIPC")
REQUIRED_RESOURCES: Final = ("requests.cpu", "requests.memory", "limits.memory")
CONTAINERS: Final = ("initContainers", "containers", "ephemeralContainers")


def findings(pod: Mapping[str, Any]) -> Iterator[str]:
    """Yield each deviation from a hardened pod, with the name of its container if it has one."""
    specification = mapping(pod["spec"])
    yield from (field for field in HOST_NAMESPACES if specification.get(field))
    volumes = list(map(mapping, items(specification.get("volumes"))))
    if any("hostPath" in volume for volume in volumes):
        yield "hostPath"
    if any("serviceAccountToken" in source for volume in volumes for source in items(at(volume, "projected.sources"))):
        yield "service account token"
    if not specification.get("priority"):
        yield "no priority"
    for field in CONTAINERS:
        for container in items(specification.get(field)):
            for finding in _container_findings(mapping(container), mapping(specification.get("securityContext"))):
                yield f"{container['name']}: {finding}"


def _container_findings(container: Mapping[str, Any], pod: Mapping[str, Any]) -> Iterator[str]:
    own = mapping(container.get("securityContext"))
    effective = {**pod, **own}
    if effective.get("runAsNonRoot") is not True or effective.get("runAsUser") == 0:
        yield "may be root"
    if at(effective, "seccompProfile.type") not in ("RuntimeDefault", "Localhost"):
        yield "no seccomp profile"
    if own.get("readOnlyRootFilesystem") is not True:
        yield "writable root file system"
    if own.get("allowPrivilegeEscalation") is not False or own.get("privileged"):
        yield "may gain privileges"
    if "ALL" not in items(at(own, "capabilities.drop")) or items(at(own, "capabilities.add")):
        yield "capabilities"
    yield from (f"no {name}" for name in REQUIRED_RESOURCES if not at(container, f"resources.{name}"))
    if not is_pinned(str(container.get("image") or "")):
        yield f"image {container.get('image')}"
