"""Values of the operator's chart."""

from collections.abc import Mapping
from typing import Any, Final

from manifests.cluster_objects import operator_name, operator_prefix
from manifests.scrape_limits import chart_monitor_limits
from settings.stack import StackSettings

# The job of the operator's metrics, whatever its Service is called.
_JOB: Final = "prometheus-operator"
_KUBE_SYSTEM: Final = "kube-system"


def operator_values(settings: StackSettings) -> dict[str, Any]:
    """Return the chart values that enable only the operator and cluster targets."""
    operator, targets = settings.operator, settings.operator.cluster_targets
    limits = chart_monitor_limits(settings.prometheus.scrape_limits.platform)
    # The Service of the kubelets: another operator usually keeps it in kube-system, where this one may not write.
    kubelet_namespace = settings.namespace if operator.enabled else _KUBE_SYSTEM
    return {
        # Gives the operator's Service, and so the job of its metrics, the name `prometheus-operator`.
        "fullnameOverride": operator_prefix(settings),
        "commonLabels": dict(settings.selector),
        "crds": {"enabled": False},
        # The roles of the chart may do everything with every Secret; `manifests/operator_roles.py` replaces them.
        "global": {"rbac": {"create": False}},
        "defaultRules": {"create": False},
        "prometheus": {"enabled": False},
        "alertmanager": {"enabled": False},
        "grafana": {"enabled": False},
        "kubeStateMetrics": {"enabled": False},
        "nodeExporter": {"enabled": False},
        # Unreachable on managed clusters, where their alerts would fire forever.
        "kubeEtcd": {"enabled": False},
        "kubeScheduler": {"enabled": False},
        "kubeControllerManager": {"enabled": False},
        "kubeProxy": {"enabled": False},
        "kubeApiServer": {"enabled": targets.api_server, "serviceMonitor": dict(limits)},
        "kubelet": {
            "enabled": targets.kubelet,
            "namespace": kubelet_namespace,
            # By default the chart scrapes cAdvisor, which has by far the most series, every ten seconds.
            "serviceMonitor": {"cAdvisorInterval": settings.prometheus.scrape_interval, **limits},
        },
        "coreDns": {
            "enabled": targets.core_dns,
            "serviceMonitor": {
                # CoreDNS requires no token; by default the chart would send Prometheus's token over plain HTTP.
                "bearerTokenFile": "",
                # Its default also selects the Service that a release of the same name has created in another namespace.
                "selector": {"matchLabels": {"app": "kube-prometheus-stack-coredns", **settings.selector}},
                **limits,
            },
        },
        "prometheusOperator": {
            "enabled": operator.enabled,
            "priorityClassName": settings.priority_classes.components,
            # The operator ignores Prometheus and Alertmanager resources in namespaces of other teams.
            "prometheusInstanceNamespaces": [settings.namespace],
            "alertmanagerInstanceNamespaces": [settings.namespace],
            "thanosRulerInstanceNamespaces": [settings.namespace],
            # Where it reads AlertmanagerConfigs, it must be able to read Secrets.
            "alertmanagerConfigNamespaces": [settings.namespace, *operator.secret_namespaces],
            **_controller_id(operator.controller_id),
            "serviceMonitor": {**_job(settings), **limits},
            # The rules of the stack are checked before deployment; a webhook would add a certificate that can expire.
            "admissionWebhooks": {"enabled": False},
            "tls": {"enabled": False},
            # The chart's default is none, and a pod without requests is evicted first.
            "prometheusConfigReloader": {
                "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "64Mi"}}
            },
            "kubeletService": {"enabled": targets.kubelet, "namespace": kubelet_namespace},
            "kubeletEndpointsEnabled": False,
            "kubeletEndpointSliceEnabled": targets.kubelet,
            "resources": operator.resources.specification,
            # `up` waits for readiness, which the chart probes every ten seconds; same total of 30 seconds as there.
            "readinessProbe": {"periodSeconds": 2, "failureThreshold": 15},
        },
    }


def _controller_id(controller_id: str | None) -> Mapping[str, Any]:
    return {"extraArgs": [f"--controller-id={controller_id}"]} if controller_id else {}


def _job(settings: StackSettings) -> Mapping[str, Any]:
    """Return the relabeling that gives an operator with another name the job that alerts and boards read."""
    if operator_name(settings) == _JOB:
        return {}
    return {"relabelings": [{"targetLabel": "job", "replacement": _JOB}]}
