"""Chart values and monitor specs of the exporters that run once per stack."""

from collections.abc import Mapping
from typing import Any, Final

from common.exporters import BLACKBOX_EXPORTER, KUBE_STATE_METRICS, NODE_EXPORTER, Exporter
from common.labels import SELECTOR, component_labels
from manifests.pod_security import CONTAINER_SECURITY, pod_security
from manifests.scrape_limits import chart_monitor_limits, monitor_limits
from settings.exporters import BlackboxExporterSettings, KubeStateMetricsSettings, NodeExporterSettings
from settings.probes import MODULES
from settings.scrape_limits import ScrapeLimits

# The user `nobody`: an exporter reads world-readable files, or connects over the network.
_USER_ID: Final = 65534
POD_SECURITY: Final = pod_security(_USER_ID, _USER_ID)

# Mounts and network interfaces of pods: they change all the time, and the kubelet has metrics of them. Every runtime
# has its own folder under /run and /var, at a depth that depends on the distribution. The rules have the same pattern.
POD_MOUNTS: Final = "/(run|var)/(.+/)?(containerd|containers|credentials|crio|docker|kubelet|netns)/.+"
_EXCLUDED_MOUNTS: Final = f"^(/(dev|proc|sys)($|/)|{POD_MOUNTS})"
_POD_INTERFACES: Final = "^(veth.*|cali.*|lxc.*|[a-f0-9]{15})$"

# The metrics contract reserves these names for requests to BAIS; kube-state-metrics uses them for its own requests.
_DROP_HTTP_METRICS: Final = {"sourceLabels": ["__name__"], "regex": "http_.+", "action": "drop"}

# Permission to list these objects would include their content; no alert reads their metrics.
_EXCLUDED_COLLECTORS: Final = ["configmaps", "secrets"]
# Series of pods that no rule or dashboard of the project reads: about half of 56 per pod of two containers and an init
# container, measured on kube-state-metrics 2.20.
EXCLUDED_METRICS: Final = (
    "kube_pod_container_state_started",
    "kube_pod_container_status_(running|terminated)",
    "kube_pod_init_container_(info|resource.*|state.*|status_(ready|running|terminated|waiting))",
    "kube_pod_(ips|overhead.*|restart_policy|scheduler|service_account|start_time|tolerations)",
    "kube_pod_status_(qos_class|reason|scheduled|unschedulable)",
    "kube_pod_status_.*_time",
)


def node_exporter_values(
    settings: NodeExporterSettings,
    priority_class: str,
    *,
    limits: ScrapeLimits,
    selector: Mapping[str, str] = SELECTOR,
) -> dict[str, Any]:
    """Return the values of the node exporter's chart; `selector` is the stack's label."""
    return {
        # Name and job; by default the chart would prefix both with `prometheus-`.
        "nameOverride": NODE_EXPORTER.name,
        "fullnameOverride": NODE_EXPORTER.name,
        # On every node, regardless of taints.
        "tolerations": [{"operator": "Exists"}],
        "priorityClassName": priority_class,
        # The host's network, for metrics of its interfaces. The host's PID namespace is not needed: `/proc` is mounted.
        "hostNetwork": True,
        "hostPID": False,
        # The port of the nodes; the chart does not derive the Service's target from it.
        "service": {"port": settings.port, "targetPort": settings.port},
        "extraArgs": [
            f"--collector.filesystem.mount-points-exclude={_EXCLUDED_MOUNTS}",
            f"--collector.netdev.device-exclude={_POD_INTERFACES}",
            f"--collector.netclass.ignored-devices={_POD_INTERFACES}",
        ],
        "securityContext": dict(POD_SECURITY),
        "containerSecurityContext": dict(CONTAINER_SECURITY),
        "resources": settings.resources.specification,
        "prometheus": {
            "monitor": {
                "enabled": True,
                "additionalLabels": dict(selector),
                "interval": settings.scrape_interval or "",
                # A timeout longer than the interval is invalid, and the chart's default is ten seconds; without a
                # value, Prometheus limits its own default to the interval.
                "scrapeTimeout": "",
                # The node's name in Kubernetes; the label `instance` has its address.
                "relabelings": [{"sourceLabels": ["__meta_kubernetes_pod_node_name"], "targetLabel": "node"}],
                **chart_monitor_limits(limits),
            }
        },
    }


def kube_state_metrics_values(
    settings: KubeStateMetricsSettings,
    priority_class: str,
    *,
    name: str = KUBE_STATE_METRICS.name,
) -> dict[str, Any]:
    """Return the values of the chart of kube-state-metrics; `name` is that of all its objects."""
    return {
        "fullnameOverride": name,
        "collectorsExclude": list(_EXCLUDED_COLLECTORS),
        "metricDenylist": list(EXCLUDED_METRICS if settings.excluded_metrics is None else settings.excluded_metrics),
        "priorityClassName": priority_class,
        "securityContext": {"enabled": True, **POD_SECURITY},
        "containerSecurityContext": dict(CONTAINER_SECURITY),
        "resources": settings.resources.specification,
        # Its own metrics show failed list and watch requests.
        "selfMonitor": {"enabled": True},
    }


def kube_state_metrics_monitor_spec(settings: KubeStateMetricsSettings, limits: ScrapeLimits) -> dict[str, Any]:
    """Return the `spec` of the ServiceMonitor of kube-state-metrics.

    It replaces the chart's monitor, which cannot limit the size of the body: that of kube-state-metrics grows with the
    cluster.
    """
    interval = {"interval": settings.scrape_interval} if settings.scrape_interval else {}
    name = "app.kubernetes.io/name"
    return {
        "jobLabel": name,
        "selector": {
            "matchLabels": {name: KUBE_STATE_METRICS.name, "app.kubernetes.io/instance": KUBE_STATE_METRICS.chart}
        },
        "endpoints": [
            # The labels `pod` and `namespace` are those of the object, not those of kube-state-metrics.
            {"port": "http", "honorLabels": True, **interval},
            {"port": "metrics", "metricRelabelings": [_DROP_HTTP_METRICS], **interval},
        ],
        **monitor_limits(limits),
        "bodySizeLimit": limits.body_size,
    }


def blackbox_exporter_values(settings: BlackboxExporterSettings, priority_class: str) -> dict[str, Any]:
    """Return the values of the blackbox exporter's chart."""
    return {
        "service": {"labels": component_labels(BLACKBOX_EXPORTER.name), "port": BLACKBOX_EXPORTER.port},
        "priorityClassName": priority_class,
        # It does not use the Kubernetes API.
        "automountServiceAccountToken": False,
        "podSecurityContext": dict(POD_SECURITY),
        "securityContext": {**CONTAINER_SECURITY, "runAsNonRoot": True, "runAsUser": _USER_ID, "runAsGroup": _USER_ID},
        "resources": settings.resources.specification,
        "config": {"modules": _modules()},
    }


def exporter_monitor_spec(exporter: Exporter, interval: str | None, limits: ScrapeLimits) -> dict[str, Any]:
    """Return the `spec` of the ServiceMonitor of an exporter.

    For exporters whose chart has no suitable monitor. It selects the exporter's Service by its component label. The job
    is the exporter's name. Without `interval`, Prometheus's own applies.
    """
    labels = component_labels(exporter.name)
    return {
        # Without it, the job would be the name of the Service, which is that of the chart.
        "jobLabel": next(iter(labels)),
        "selector": {"matchLabels": labels},
        "endpoints": [{"port": "http", **({"interval": interval} if interval else {})}],
        **monitor_limits(limits),
    }


def _modules() -> dict[str, Any]:
    """Return the modules of the blackbox exporter."""
    # None uses ICMP, for which the exporter would need a capability.
    connection: dict[str, Any] = {"preferred_ip_protocol": "ip4"}
    modules = {
        # Any version of HTTP; the chart's default list would fail endpoints with another version.
        "http": {"prober": "http", "http": {**connection, "follow_redirects": True, "valid_http_versions": []}},
        "tls": {"prober": "tcp", "tcp": {**connection, "tls": True}},
        "tcp": {"prober": "tcp", "tcp": connection},
    }
    return {MODULES[kind]: {**module, "timeout": "5s"} for kind, module in modules.items()}
