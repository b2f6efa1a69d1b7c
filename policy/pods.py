"""Checks of pods, from pod templates and from the operator's custom resources."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from common.problems import Problem
from policy.model import OPERATOR, RELEASE, Resource, problem
from policy.properties import at, items, leaves, mapping

# Kinds that the operator runs as pods; their spec contains the main container's fields.
INSTANCES: Final = frozenset(
    f"{OPERATOR}:{kind}" for kind in ("Prometheus", "PrometheusAgent", "Alertmanager", "ThanosRuler")
)

_TEMPLATES: Final = {
    "core:Pod": "spec",
    "batch:CronJob": "spec.jobTemplate.spec.template.spec",
    **dict.fromkeys(("apps:Deployment", "apps:StatefulSet", "apps:DaemonSet", "batch:Job"), "spec.template.spec"),
}
_DIGEST: Final = re.compile(r"@sha256:[0-9a-f]{64}$")
# A full version, which no publisher moves: three numbers, perhaps with more, such as v3.14.0, 1.2.3-alpine.
_FULL_VERSION: Final = re.compile(r"v?\d+\.\d+\.\d+(?:[-+._][\w.+-]*)?")
_ALLOWED_IMAGE: Final = "a tag with a full version such as v1.2.3, or a digest"
_SECCOMP: Final = ("RuntimeDefault", "Localhost")
_AMOUNTS: Final = ("requests.cpu", "requests.memory", "limits.memory")


def pod(resource: Resource) -> tuple[str, Mapping[str, Any]] | None:
    """Return path and spec of a resource's pod, or None if it creates no pod."""
    path = "spec" if resource.kind in INSTANCES else _TEMPLATES.get(resource.kind)
    return (path, mapping(at(resource.properties, path))) if path else None


def containers(resource: Resource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield path and content of each container; a custom resource's main container is its spec."""
    if not (found := pod(resource)):
        return
    path, specification = found
    if resource.kind in INSTANCES:
        yield path, specification
    for field in ("initContainers", "containers"):
        for number, container in enumerate(items(specification.get(field))):
            yield f"{path}.{field}[{number}]", mapping(container)


def has_pinned_images(resource: Resource, environment: str) -> Iterator[Problem]:
    """Require full versions or digests; a release may use the tag of its chart, whose version is exact."""
    for path, container in containers(resource):
        image = container.get("image")
        # An entry that modifies one of the operator's own containers needs no image.
        if (image is None and resource.kind in INSTANCES and path != "spec") or is_pinned(str(image or "")):
            continue
        yield problem(f"{path}.image", image, _ALLOWED_IMAGE)
    if resource.kind == RELEASE:
        for path, key, value in leaves(resource.properties.get("values"), "values"):
            # Without a value, the chart's own.
            if value in (None, ""):
                continue
            is_tag, is_image = key.lower().endswith("tag"), key.lower().endswith("image") and isinstance(value, str)
            if (is_tag and not is_full_version(str(value))) or (is_image and not is_pinned(value)):
                yield problem(path, value, _ALLOWED_IMAGE)


def has_resource_limits(resource: Resource, environment: str) -> Iterator[Problem]:
    """Require CPU and memory requests and a memory limit.

    A CPU limit is not required: it would throttle a pod while the node has spare CPU time.
    """
    for path, container in containers(resource):
        # The operator sets the resources of its own sidecars; an entry without an image only modifies one.
        if resource.kind in INSTANCES and path != "spec" and "image" not in container:
            continue
        if missing := [amount for amount in _AMOUNTS if not at(container, f"resources.{amount}")]:
            yield problem(f"{path}.resources", f"no {', '.join(missing)}", f"all of {', '.join(_AMOUNTS)}")


def is_unprivileged(resource: Resource, environment: str) -> Iterator[Problem]:
    """Require a non-root user and a seccomp profile, without privileged containers."""
    if not (found := pod(resource)):
        return
    path, specification = found
    security = mapping(specification.get("securityContext"))
    if security.get("runAsNonRoot") is not True or security.get("runAsUser") == 0:
        user = security.get("runAsUser")
        context = f"runAsNonRoot {security.get('runAsNonRoot')}" + ("" if user is None else f", runAsUser {user:g}")
        yield problem(f"{path}.securityContext", context, "runAsNonRoot true and a user other than 0")
    profile = at(security, "seccompProfile.type")
    if profile not in _SECCOMP:
        yield problem(f"{path}.securityContext.seccompProfile.type", profile, " or ".join(_SECCOMP))
    for inner, container in containers(resource):
        own = mapping(container.get("securityContext"))
        if own.get("privileged") or own.get("allowPrivilegeEscalation") or own.get("runAsNonRoot") is False:
            yield problem(
                f"{inner}.securityContext", "more privileges than the pod", "no privileged mode, escalation or root"
            )


def is_isolated_from_host(resource: Resource, environment: str) -> Iterator[Problem]:
    """Forbid host namespaces and host paths; node agents run in a release with its own namespace."""
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
    """Return whether an image has a digest, or a tag with a full version."""
    return _DIGEST.search(image) is not None or is_full_version(image.rpartition("/")[2].partition(":")[2])


def is_full_version(tag: str) -> bool:
    """Return whether a tag is a full version; publishers move tags such as latest, 1 and 1.2."""
    return _FULL_VERSION.fullmatch(tag.partition("@")[0]) is not None
