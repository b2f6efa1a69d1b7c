"""Pods, whether a template of ours says how they are or the operator makes them from a custom resource."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from common.problems import Problem
from policy.model import OPERATOR, RELEASE, Resource, problem
from policy.properties import at, items, leaves, mapping

INSTANCES: Final = frozenset(
    f"{OPERATOR}:{kind}" for kind in ("Prometheus", "PrometheusAgent", "Alertmanager", "ThanosRuler")
)
"""Kinds that the operator runs as pods; their specification holds the main container's fields itself."""

_TEMPLATES: Final = {
    "core:Pod": "spec",
    "batch:CronJob": "spec.jobTemplate.spec.template.spec",
    **dict.fromkeys(("apps:Deployment", "apps:StatefulSet", "apps:DaemonSet", "batch:Job"), "spec.template.spec"),
}
_DIGEST: Final = re.compile(r"@sha256:[0-9a-f]{64}$")
_SECCOMP: Final = ("RuntimeDefault", "Localhost")
_AMOUNTS: Final = ("requests.cpu", "requests.memory", "limits.memory")


def pod(resource: Resource) -> tuple[str, Mapping[str, Any]] | None:
    """Where a pod is specified, and how; none for a resource that makes no pod."""
    path = "spec" if resource.kind in INSTANCES else _TEMPLATES.get(resource.kind)
    return (path, mapping(at(resource.properties, path))) if path else None


def containers(resource: Resource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Path and content of each container; a custom resource's main container is its specification itself."""
    if not (found := pod(resource)):
        return
    path, specification = found
    if resource.kind in INSTANCES:
        yield path, specification
    for field in ("initContainers", "containers"):
        for number, container in enumerate(items(specification.get(field))):
            yield f"{path}.{field}[{number}]", mapping(container)


def has_pinned_images(resource: Resource, environment: str) -> Iterator[Problem]:
    """An exact tag or digest; a release may leave the tag to its chart, whose version is exact."""
    for path, container in containers(resource):
        image = container.get("image")
        # What changes a container of the operator's own need not name its image.
        if (image is None and resource.kind in INSTANCES and path != "spec") or is_pinned(str(image or "")):
            continue
        yield problem(f"{path}.image", image, "an image with an exact tag or digest, not latest")
    if resource.kind == RELEASE:
        for path, key, value in leaves(resource.properties.get("values"), "values"):
            floats = (key == "tag" and value == "latest") or (
                key == "image" and isinstance(value, str) and value and not is_pinned(value)
            )
            if floats:
                yield problem(path, value, "an exact tag or digest, not latest")


def has_resource_limits(resource: Resource, environment: str) -> Iterator[Problem]:
    """Requests, so that it gets its share, and a memory limit, so that it takes no one else's.

    No limit of processor time is asked for: it would only slow a pod down while the node has time to spare.
    """
    for path, container in containers(resource):
        # The operator gives its own sidecars their resources; an entry there only changes what it names.
        if resource.kind in INSTANCES and path != "spec" and "image" not in container:
            continue
        if missing := [amount for amount in _AMOUNTS if not at(container, f"resources.{amount}")]:
            yield problem(f"{path}.resources", f"no {', '.join(missing)}", f"all of {', '.join(_AMOUNTS)}")


def is_unprivileged(resource: Resource, environment: str) -> Iterator[Problem]:
    """Any user but root, and only the system calls that the runtime allows."""
    if not (found := pod(resource)):
        return
    path, specification = found
    security = mapping(specification.get("securityContext"))
    if security.get("runAsNonRoot") is not True or security.get("runAsUser") == 0:
        user = security.get("runAsUser")
        shown = f"runAsNonRoot {security.get('runAsNonRoot')}" + ("" if user is None else f", runAsUser {user:g}")
        yield problem(f"{path}.securityContext", shown, "runAsNonRoot true and a user other than 0")
    profile = at(security, "seccompProfile.type")
    if profile not in _SECCOMP:
        yield problem(f"{path}.securityContext.seccompProfile.type", profile, " or ".join(_SECCOMP))
    for inner, container in containers(resource):
        own = mapping(container.get("securityContext"))
        if own.get("privileged") or own.get("allowPrivilegeEscalation") or own.get("runAsNonRoot") is False:
            yield problem(f"{inner}.securityContext", "more rights than the pod", "no privilege, escalation or root")


def is_isolated_from_host(resource: Resource, environment: str) -> Iterator[Problem]:
    """Nothing of the node; an agent that needs it comes in a release and lives in a namespace of its own."""
    if not (found := pod(resource)):
        return
    path, specification = found
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if specification.get(field):
            yield problem(f"{path}.{field}", True, "false")
    for volume in items(specification.get("volumes")):
        if "hostPath" in mapping(volume):
            yield problem(f"{path}.volumes.{mapping(volume).get('name')}", "hostPath", "a claim, Secret or ConfigMap")


def is_pinned(image: str) -> bool:
    """Whether an image has an exact tag or digest."""
    if _DIGEST.search(image):
        return True
    tag = image.rpartition("/")[2].partition(":")[2]
    return bool(tag) and tag != "latest"
