"""What other teams have in the cluster: the components of BAIS, and monitors of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

BAIS_SERVICES: Final = ("api", "worker", "webhook-dispatcher")


def bais_objects() -> list[dict[str, Any]]:
    """The components that a stack scrapes if it says nothing else, as simulated pods behind a Service each."""
    found = [tenant_manifest("v1", "Namespace", "bais", {}, namespace=None)]
    for name in BAIS_SERVICES:
        labels = {"app.kubernetes.io/name": name}
        container = {"name": name, "image": f"{name}:1.0.0", "ports": [{"name": "metrics", "containerPort": 9000}]}
        template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
        ports = [{"name": "metrics", "port": 9000}]
        found += [
            tenant_manifest("apps/v1", "Deployment", name, {"selector": {"matchLabels": labels}, "template": template}),
            tenant_manifest("v1", "Service", name, {"selector": labels, "ports": ports}, labels=labels),
        ]
    return found


def tenant_manifest(
    version: str, kind: str, name: str, specification: dict[str, Any], *, namespace: str | None = "bais", **more: Any
) -> dict[str, Any]:
    """An object as kubectl takes it."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {}), **more}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": specification}


def tenant_monitor(kind: str, name: str, *, sample_limit: int, labels: Mapping[str, str]) -> dict[str, Any]:
    """A ServiceMonitor or PodMonitor of the component `api`, in its own namespace."""
    endpoints = {"ServiceMonitor": "endpoints", "PodMonitor": "podMetricsEndpoints"}[kind]
    selector = {"matchLabels": {"app.kubernetes.io/name": "api"}}
    specification = {"selector": selector, endpoints: [{"port": "metrics"}], "sampleLimit": sample_limit}
    return tenant_manifest("monitoring.coreos.com/v1", kind, name, specification, labels=dict(labels))
