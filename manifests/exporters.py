"""The values of the exporters' charts, from a stack's settings."""

from typing import Any, Final

from common.exporters import BLACKBOX_EXPORTER, NODE_EXPORTER, Exporter
from common.labels import SELECTOR, component_labels
from manifests.pod_security import CONTAINER_SECURITY, pod_security
from settings.exporters import BlackboxExporterSettings, KubeStateMetricsSettings, NodeExporterSettings
from settings.probes import MODULES

# Nobody: an exporter reads what every user may read, or asks over the network.
_USER_ID: Final = 65534
POD_SECURITY: Final = pod_security(_USER_ID, _USER_ID)

# What pods mount and the interfaces that they get: they come and go, and the kubelet reports on them.
_POD_MOUNTS: Final = "^/(dev|proc|sys|run/(containerd|credentials)/.+|var/lib/(containers|docker|kubelet)/.+)($|/)"
_POD_INTERFACES: Final = "^(veth.*|cali.*|lxc.*|[a-f0-9]{15})$"

# The contract gives such names to the platform: how long a scrape takes is no request of a customer's.
_DROP_HTTP_METRICS: Final = {"sourceLabels": ["__name__"], "regex": "http_.+", "action": "drop"}

# Whoever may list these may read what is in them, for two metrics that no alert reads.
_EXCLUDED_COLLECTORS: Final = ["configmaps", "secrets"]


def node_exporter_values(settings: NodeExporterSettings, priority_class: str) -> dict[str, Any]:
    """The values of the node exporter's chart."""
    return {
        # Name and job: the chart's own would say `prometheus-` before both.
        "nameOverride": NODE_EXPORTER.name,
        "fullnameOverride": NODE_EXPORTER.name,
        # On every node, whatever its taints keep away.
        "tolerations": [{"operator": "Exists"}],
        "priorityClassName": priority_class,
        # The node's network, or it would report on its own; not its processes, whose files it has from `/host/proc`.
        "hostNetwork": True,
        "hostPID": False,
        "extraArgs": [
            f"--collector.filesystem.mount-points-exclude={_POD_MOUNTS}",
            f"--collector.netdev.device-exclude={_POD_INTERFACES}",
            f"--collector.netclass.ignored-devices={_POD_INTERFACES}",
        ],
        "securityContext": dict(POD_SECURITY),
        "containerSecurityContext": dict(CONTAINER_SECURITY),
        "resources": settings.resources.specification,
        "prometheus": {
            "monitor": {
                "enabled": True,
                "additionalLabels": dict(SELECTOR),
                "interval": settings.scrape_interval or "",
                # The chart's ten seconds are refused beside a shorter interval; Prometheus's own follow it.
                "scrapeTimeout": "",
                # Its address names a node to Prometheus only; this is the name that people and Kubernetes use.
                "relabelings": [{"sourceLabels": ["__meta_kubernetes_pod_node_name"], "targetLabel": "node"}],
            }
        },
    }


def kube_state_metrics_values(settings: KubeStateMetricsSettings, priority_class: str) -> dict[str, Any]:
    """The values of kube-state-metrics' chart."""
    scraped = {"interval": settings.scrape_interval or ""}
    return {
        "collectorsExclude": list(_EXCLUDED_COLLECTORS),
        "priorityClassName": priority_class,
        "securityContext": {"enabled": True, **POD_SECURITY},
        "containerSecurityContext": dict(CONTAINER_SECURITY),
        "resources": settings.resources.specification,
        # Its own metrics tell whether it could list what it reports on.
        "selfMonitor": {"enabled": True},
        "prometheus": {
            "monitor": {
                "enabled": True,
                "additionalLabels": dict(SELECTOR),
                # A series is about the pod and namespace that it names, not about those of kube-state-metrics.
                "http": {**scraped, "honorLabels": True},
                "metrics": {**scraped, "metricRelabelings": [_DROP_HTTP_METRICS]},
            }
        },
    }


def blackbox_exporter_values(settings: BlackboxExporterSettings, priority_class: str) -> dict[str, Any]:
    """The values of the blackbox exporter's chart."""
    return {
        "service": {"labels": component_labels(BLACKBOX_EXPORTER.name), "port": BLACKBOX_EXPORTER.port},
        "priorityClassName": priority_class,
        # It asks addresses, never the API server.
        "automountServiceAccountToken": False,
        "podSecurityContext": dict(POD_SECURITY),
        "securityContext": {**CONTAINER_SECURITY, "runAsNonRoot": True, "runAsUser": _USER_ID, "runAsGroup": _USER_ID},
        "resources": settings.resources.specification,
        "config": {"modules": _modules()},
    }


def exporter_monitor_spec(exporter: Exporter, interval: str | None) -> dict[str, Any]:
    """Return the `spec` of the ServiceMonitor of an exporter whose Service has its label, for a chart without one.

    Its job is the exporter's name. Without `interval`, Prometheus's own applies.
    """
    labels = component_labels(exporter.name)
    return {
        # The job; without it the name of the Service, which is that of the chart.
        "jobLabel": next(iter(labels)),
        "selector": {"matchLabels": labels},
        "endpoints": [{"port": "http", **({"interval": interval} if interval else {})}],
    }


def _modules() -> dict[str, Any]:
    """No module sends pings: for those the exporter would need a capability."""
    connection: dict[str, Any] = {"preferred_ip_protocol": "ip4"}
    modules = {
        # Any version of HTTP: the chart's own list would fail what answers otherwise well.
        "http": {"prober": "http", "http": {**connection, "follow_redirects": True, "valid_http_versions": []}},
        "tls": {"prober": "tcp", "tcp": {**connection, "tls": True}},
        "tcp": {"prober": "tcp", "tcp": connection},
    }
    return {MODULES[kind]: {**module, "timeout": "5s"} for kind, module in modules.items()}
