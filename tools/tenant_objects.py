"""Objects of other teams in the cluster: the services of BAIS, and their monitors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import yaml

from common.project import DOCS

# The page for other teams, with an example per kind of object.
GUIDE: Final = DOCS / "guides" / "team-monitors.md"
BAIS_SERVICES: Final = ("api", "worker", "webhook-dispatcher")


def documented_objects() -> list[dict[str, Any]]:
    """Return the objects in the guide for other teams."""
    blocks = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return [content for content in map(yaml.safe_load, blocks) if "kind" in content]


def bais_objects() -> list[dict[str, Any]]:
    """Return the BAIS services that a stack scrapes by default.

    Each has one Deployment and one Service.
    """
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
    """Return a Kubernetes object."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {}), **more}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": specification}


def tenant_monitor(kind: str, name: str, *, labels: Mapping[str, str], **limits: int | str) -> dict[str, Any]:
    """Return a ServiceMonitor or PodMonitor of the service `api`, in its namespace, with limits of its own."""
    endpoints = {"ServiceMonitor": "endpoints", "PodMonitor": "podMetricsEndpoints"}[kind]
    selector = {"matchLabels": {"app.kubernetes.io/name": "api"}}
    specification = {"selector": selector, endpoints: [{"port": "metrics"}], **limits}
    return tenant_manifest("monitoring.coreos.com/v1", kind, name, specification, labels=dict(labels))
