"""Services of the demo platform: processes with DNS names for pods."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

TABLE: Final = Path(__file__).with_name("services.yaml")
# Network of all addresses in the table.
NETWORK: Final = "10.246.0.0/24"


@dataclass(frozen=True, kw_only=True)
class Service:
    """One row of services.yaml; its header describes the fields."""

    name: str
    namespace: str
    port: int
    port_name: str
    addresses: tuple[str, ...]
    pods: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        """Host name for pods."""
        return f"{self.name}.{self.namespace}.svc"

    @property
    def address(self) -> str:
        """Address of the first replica."""
        return self.addresses[0]


@functools.cache
def services() -> dict[str, Service]:
    """Return all Services by name."""
    rows = yaml.safe_load(TABLE.read_text())
    return {row["name"]: Service(**{key: _frozen(value) for key, value in row.items()}) for row in rows}


def manifests() -> Iterator[dict[str, Any]]:
    """Yield namespaces, Services and EndpointSlices.

    The EndpointSlices are explicit because selectors do not match processes.
    """
    for namespace in sorted({service.namespace for service in services().values()}):
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    for service in services().values():
        labels = {"app.kubernetes.io/name": service.name}
        port = {"name": service.port_name, "port": service.port}
        metadata = {"name": service.name, "namespace": service.namespace}
        yield {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {**metadata, "labels": labels},
            "spec": {"ports": [port]},
        }
        yield {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {**metadata, "labels": {**labels, "kubernetes.io/service-name": service.name}},
            "addressType": "IPv4",
            "ports": [port],
            "endpoints": list(_endpoints(service)),
        }


def _endpoints(service: Service) -> Iterator[dict[str, Any]]:
    for number, address in enumerate(service.addresses):
        endpoint: dict[str, Any] = {"addresses": [address], "conditions": {"ready": True}}
        if service.pods:
            # Gives the metrics the label `pod`, as for every application.
            target = {"kind": "Pod", "namespace": service.namespace, "name": service.pods[number]}
            endpoint["targetRef"] = target
        yield endpoint


def _frozen(value: object) -> Any:
    return tuple(value) if isinstance(value, list) else value
