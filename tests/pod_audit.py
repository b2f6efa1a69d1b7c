"""What a pod may do that it need not, read from the object that the API server holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policy.pods import is_pinned
from policy.properties import at, items, mapping

HOST = ("hostNetwork", "hostPID", "hostIPC")
AMOUNTS = ("requests.cpu", "requests.memory", "limits.memory")
CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


def findings(pod: Mapping[str, Any]) -> Iterator[str]:
    """Each thing that a hardened pod would not have, by its container where it is of one."""
    specification = mapping(pod["spec"])
    yield from (field for field in HOST if specification.get(field))
    volumes = list(map(mapping, items(specification.get("volumes"))))
    if any("hostPath" in volume for volume in volumes):
        yield "hostPath"
    if any("serviceAccountToken" in source for volume in volumes for source in items(at(volume, "projected.sources"))):
        yield "service account token"
    if not specification.get("priority"):
        yield "no priority"
    for field in CONTAINERS:
        for container in items(specification.get(field)):
            for finding in _of_container(mapping(container), mapping(specification.get("securityContext"))):
                yield f"{container['name']}: {finding}"


def _of_container(container: Mapping[str, Any], pod: Mapping[str, Any]) -> Iterator[str]:
    own = mapping(container.get("securityContext"))
    in_force = {**pod, **own}
    if in_force.get("runAsNonRoot") is not True or in_force.get("runAsUser") == 0:
        yield "may be root"
    if at(in_force, "seccompProfile.type") not in ("RuntimeDefault", "Localhost"):
        yield "no seccomp profile"
    if own.get("readOnlyRootFilesystem") is not True:
        yield "writable root file system"
    if own.get("allowPrivilegeEscalation") is not False or own.get("privileged"):
        yield "may gain privileges"
    if "ALL" not in items(at(own, "capabilities.drop")) or items(at(own, "capabilities.add")):
        yield "capabilities"
    yield from (f"no {amount}" for amount in AMOUNTS if not at(container, f"resources.{amount}"))
    if not is_pinned(str(container.get("image") or "")):
        yield f"image {container.get('image')}"
