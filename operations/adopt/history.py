"""Metrics history: the previous Prometheus stays, and this stack's Prometheus reads from it what it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from common import ports
from common.labels import pod_labels
from operations.adopt.model import PreviousStack
from preflight.cluster_state import KubernetesObject
from settings.scale_out import RemoteReadSettings
from verification.model import Instance

# Service that the operator creates for all Prometheus resources of a namespace together.
_GOVERNING: Final = "prometheus-operated"
_DEFAULT_LABEL: Final = "prometheus"
_LONGEST_NAME: Final = 63


def instance(kind: str, item: KubernetesObject) -> Instance:
    """Return an old Prometheus or Alertmanager as an instance of the operator."""
    specification = item["spec"]
    port = ports.PROMETHEUS if kind == "Prometheus" else ports.ALERTMANAGER
    pods = int(specification.get("replicas", 1)) * int(specification.get("shards", 1))
    return Instance(kind=kind, name=item["metadata"]["name"], pods=pods, port=port)


def source_labels(prometheus: KubernetesObject) -> Mapping[str, str]:
    """Return an external label of a Prometheus, which every series that is read from it has; empty without any."""
    specification = prometheus["spec"]
    name = specification.get("prometheusExternalLabelName", _DEFAULT_LABEL)
    if name:
        metadata = prometheus["metadata"]
        return {name: f"{metadata['namespace']}/{metadata['name']}"}
    external: Mapping[str, Any] = specification.get("externalLabels") or {}
    return {name: str(value) for name, value in list(external.items())[:1]}


def source_url(prometheus: KubernetesObject, previous: PreviousStack) -> str:
    """Return the address of the remote read API of a Prometheus."""
    name, port = next(_services(prometheus, previous), (_GOVERNING, ports.PROMETHEUS))
    prefix = str(prometheus["spec"].get("routePrefix") or "/").strip("/")
    path = f"{prefix}/api/v1/read" if prefix else "api/v1/read"
    return f"http://{name}.{previous.namespace}.svc:{port}/{path}"


def wanted_source(prometheus: KubernetesObject, previous: PreviousStack) -> dict[str, Any]:
    """Return the entry of `prometheus.remoteRead` for an old Prometheus."""
    return {
        "name": prometheus["metadata"]["name"][:_LONGEST_NAME].rstrip("-."),
        "url": source_url(prometheus, previous),
        "requiredMatchers": dict(source_labels(prometheus)),
    }


def configured_source(
    prometheus: KubernetesObject, configured: tuple[RemoteReadSettings, ...]
) -> RemoteReadSettings | None:
    """Return the setting with which this stack reads from an old Prometheus; None without one."""
    labels = source_labels(prometheus)
    return next((each for each in configured if labels and dict(each.required_matchers) == labels), None)


def selector(labels: Mapping[str, str]) -> str:
    """Return labels as the matchers of a query."""
    return ",".join(f'{name}="{value}"' for name, value in labels.items())


def _services(prometheus: KubernetesObject, previous: PreviousStack) -> Iterator[tuple[str, int]]:
    """Yield name and port of the Services of a Prometheus alone, which any of its pods answers."""
    name = prometheus["metadata"]["name"]
    labels = {
        **pod_labels("prometheus", name),
        "app.kubernetes.io/managed-by": "prometheus-operator",
        "operator.prometheus.io/name": name,
        "prometheus": name,
    }
    for service in previous.services:
        specification = service["spec"]
        selected = specification.get("selector") or {}
        names_it = name in selected.values()
        if not names_it or specification.get("clusterIP") == "None" or not selected.items() <= labels.items():
            continue
        for port in specification.get("ports") or ():
            if port.get("targetPort") in (ports.PROMETHEUS, "http-web", "web"):
                yield service["metadata"]["name"], int(port["port"])
