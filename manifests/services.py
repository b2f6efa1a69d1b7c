"""Monitors of the BAIS services."""

from typing import Any

from common.labels import relabelings
from manifests.scrape_limits import monitor_limits
from settings.scrape_limits import ScrapeLimits
from settings.services import ServiceSettings


def service_monitor(service: ServiceSettings, limits: ScrapeLimits) -> tuple[str, dict[str, Any]]:
    """Return the kind and the `spec` of a service's monitor.

    The labels `job` and `service` of its targets are the service's name.
    """
    labels = {"job": service.name, "service": service.name, "team": service.team}
    endpoint: dict[str, Any] = {"port": service.port, "path": service.path, "relabelings": relabelings(labels)}
    if service.interval:
        endpoint["interval"] = service.interval
    kind, endpoints = {
        "service": ("ServiceMonitor", "endpoints"),
        "pod": ("PodMonitor", "podMetricsEndpoints"),
    }[service.kind]
    return kind, {
        "namespaceSelector": {"matchNames": [service.namespace]},
        "selector": {"matchLabels": dict(service.selector or {"app.kubernetes.io/name": service.name})},
        endpoints: [endpoint],
        **monitor_limits(limits),
    }
