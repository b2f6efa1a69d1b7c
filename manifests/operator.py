"""Values of the operator's chart."""

from typing import Any

from common.labels import SELECTOR
from settings.stack import OperatorSettings


def operator_values(
    settings: OperatorSettings, *, namespace: str, scrape_interval: str, priority_class: str
) -> dict[str, Any]:
    """Return the chart values that enable only the operator and cluster targets."""
    targets = settings.cluster_targets
    return {
        # Gives the operator's Service, and so the job of its metrics, the name `prometheus-operator`.
        "fullnameOverride": "prometheus",
        "commonLabels": dict(SELECTOR),
        "crds": {"enabled": False},
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
        "kubeApiServer": {"enabled": targets.api_server},
        # By default the chart scrapes cAdvisor, which has by far the most series, every ten seconds.
        "kubelet": {"enabled": targets.kubelet, "serviceMonitor": {"cAdvisorInterval": scrape_interval}},
        # CoreDNS requires no token; by default the chart would send Prometheus's token over plain HTTP.
        "coreDns": {"enabled": targets.core_dns, "serviceMonitor": {"bearerTokenFile": ""}},
        "prometheusOperator": {
            "priorityClassName": priority_class,
            # The operator ignores Prometheus and Alertmanager resources in namespaces of other teams.
            "prometheusInstanceNamespaces": [namespace],
            "alertmanagerInstanceNamespaces": [namespace],
            "thanosRulerInstanceNamespaces": [namespace],
            # The rules of the stack are checked before deployment; a webhook would add a certificate that can expire.
            "admissionWebhooks": {"enabled": False},
            "tls": {"enabled": False},
            # The chart's default is none, and a pod without requests is evicted first.
            "prometheusConfigReloader": {
                "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "64Mi"}}
            },
            "kubeletService": {"enabled": targets.kubelet},
            "kubeletEndpointsEnabled": False,
            "kubeletEndpointSliceEnabled": targets.kubelet,
            "resources": settings.resources.specification,
            # `up` waits for readiness, which the chart probes every ten seconds; same total of 30 seconds as there.
            "readinessProbe": {"periodSeconds": 2, "failureThreshold": 15},
        },
    }
