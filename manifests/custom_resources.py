"""Custom resources that a stack creates in its namespace, whose names other teams may already use there."""

from collections.abc import Iterator
from typing import Final

from catalogue.model import AREAS
from catalogue.stack import rule_name
from common.exporters import EXPORTERS, KUBE_STATE_METRICS
from manifests.cluster_objects import kube_state_metrics_name
from settings.services import PROBE_JOB_PREFIX
from settings.stack import StackSettings

# Plural of each kind.
PLURALS: Final = {
    "Prometheus": "prometheuses",
    "Alertmanager": "alertmanagers",
    "ServiceMonitor": "servicemonitors",
    "PodMonitor": "podmonitors",
    "Probe": "probes",
    "PrometheusRule": "prometheusrules",
}


def custom_resources(settings: StackSettings) -> frozenset[tuple[str, str]]:
    """Return kind and name of each custom resource that the stack creates in its namespace."""
    return frozenset(_planned(settings))


def _planned(settings: StackSettings) -> Iterator[tuple[str, str]]:
    for kind, name in (("Prometheus", "prometheus"), ("Alertmanager", "alertmanager")):
        yield kind, name
        yield "ServiceMonitor", name
    if settings.prometheus.thanos:
        yield "ServiceMonitor", "prometheus-thanos"
    for area in AREAS:
        yield "PrometheusRule", rule_name(area)
    for service in settings.services:
        yield {"service": "ServiceMonitor", "pod": "PodMonitor"}[service.kind], f"service-{service.name}"
    probes = settings.probes
    for probe in (*probes.http, *probes.tls, *probes.tcp):
        yield "Probe", f"{PROBE_JOB_PREFIX}{probe.name}"
    if settings.grafana.enabled:
        yield "ServiceMonitor", "grafana"
    for name in _exporters(settings):
        yield "ServiceMonitor", name


def _exporters(settings: StackSettings) -> Iterator[str]:
    for exporter in filter(settings.has_exporter, EXPORTERS):
        if exporter.on_nodes:
            continue  # In a namespace of its own, where its chart creates the monitor.
        if exporter.per_server:
            yield from (f"{exporter.name}-{server.name}" for server in settings.servers(exporter))
        else:
            yield kube_state_metrics_name(settings) if exporter == KUBE_STATE_METRICS else exporter.name
