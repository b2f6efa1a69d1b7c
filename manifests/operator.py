"""Values of the operator chart."""

from typing import Any

from common.labels import SELECTOR
from settings.stack import OperatorSettings


def operator_values(
    settings: OperatorSettings, *, namespace: str, scrape_interval: str, priority_class: str
) -> dict[str, Any]:
    """The values of the operator's chart: the operator and the cluster's own targets, nothing else of the chart."""
    targets = settings.cluster_targets
    return {
        # Makes the operator's Service, and with it the job of its metrics, `prometheus-operator`.
        "fullnameOverride": "prometheus",
        "commonLabels": dict(SELECTOR),
        "crds": {"enabled": False},
        "defaultRules": {"create": False},
        "prometheus": {"enabled": False},
        "alertmanager": {"enabled": False},
        "grafana": {"enabled": False},
        "kubeStateMetrics": {"enabled": False},
        "nodeExporter": {"enabled": False},
        # On a managed cluster these four do not answer, and a target that never answers is an alert that never ends.
        "kubeEtcd": {"enabled": False},
        "kubeScheduler": {"enabled": False},
        "kubeControllerManager": {"enabled": False},
        "kubeProxy": {"enabled": False},
        "kubeApiServer": {"enabled": targets.api_server},
        # The chart scrapes containers every ten seconds: by far its most series, three times as often as all else.
        "kubelet": {"enabled": targets.kubelet, "serviceMonitor": {"cAdvisorInterval": scrape_interval}},
        # It asks for no token, and the chart would send it Prometheus's own, unencrypted.
        "coreDns": {"enabled": targets.core_dns, "serviceMonitor": {"bearerTokenFile": ""}},
        "prometheusOperator": {
            "priorityClassName": priority_class,
            # It runs the stack's own instances only: whoever may write a Prometheus elsewhere gets no pods from it.
            "prometheusInstanceNamespaces": [namespace],
            "alertmanagerInstanceNamespaces": [namespace],
            "thanosRulerInstanceNamespaces": [namespace],
            # Rules are checked before they are deployed; a webhook would add a certificate that can expire.
            "admissionWebhooks": {"enabled": False},
            "tls": {"enabled": False},
            # The chart's default is none, and a pod without requests is the first to go.
            "prometheusConfigReloader": {
                "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "64Mi"}}
            },
            "kubeletService": {"enabled": targets.kubelet},
            "kubeletEndpointsEnabled": False,
            "kubeletEndpointSliceEnabled": targets.kubelet,
            "resources": settings.resources.specification,
            # A deployment waits until it is ready, and the chart looks every ten seconds; as patient as the chart's.
            "readinessProbe": {"periodSeconds": 2, "failureThreshold": 15},
        },
    }
