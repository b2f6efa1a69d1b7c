"""The specifications of the two custom resources, and the operator chart's values, from a stack's settings."""

from typing import Any, Final

from common.labels import SELECTOR, pods, relabelings
from common.quantities import go_duration
from manifests.charts import ALERTMANAGER_IMAGE, PROMETHEUS_IMAGE, Image
from manifests.pod_security import pod_security
from manifests.scale_out import scale_out, sharding
from settings.resources import Resources
from settings.stack import Alertmanager, Cluster, Operator, Prometheus

# What one faulty target may do to everybody: the scrape fails, and an alert says so, instead of memory running out.
LIMITS: Final = {
    "enforcedSampleLimit": 200_000,
    "enforcedTargetLimit": 2_000,
    "enforcedLabelLimit": 64,
    "enforcedLabelNameLengthLimit": 256,
    "enforcedLabelValueLengthLimit": 2_048,
    "enforcedBodySizeLimit": "64MB",
    "enforcedKeepDroppedTargets": 100,
}

# Any user but root, as the restricted pod security standard asks; the group owns the volume.
_SECURITY: Final = {**pod_security(1000, 2000), "fsGroupChangePolicy": "OnRootMismatch"}

# The program makes the claims, so nothing is made from this template. It has no size or class of a stack in it: for a
# changed one the operator would delete the StatefulSet, and all replicas at once with it.
_STORAGE: Final = {
    "volumeClaimTemplate": {
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
}


def prometheus_specification(
    settings: Prometheus,
    *,
    environment: str,
    cluster: Cluster,
    namespace: str,
    service_account: str,
    alertmanager: str,
    external_url: str,
    priority_class: str,
) -> dict[str, Any]:
    """The `spec` of a Prometheus that alerts through the Service called `alertmanager` in the same namespace."""
    origin = {"environment": environment, "cluster": cluster.name}
    return {
        **_common(
            "prometheus",
            PROMETHEUS_IMAGE,
            settings.replicas,
            settings.resources,
            service_account,
            shards=settings.shards,
        ),
        "priorityClassName": priority_class,
        "externalUrl": external_url,
        "retention": settings.retention,
        "retentionSize": settings.storage.bytes_kept,
        "scrapeInterval": settings.scrape_interval,
        "evaluationInterval": settings.evaluation_interval,
        # On what leaves Prometheus, and on every series in it: a dashboard or rule reads them there.
        "externalLabels": origin,
        "scrapeClasses": [
            {
                "name": "default",
                "default": True,
                "relabelings": [*relabelings(origin), *sharding(settings, namespace=namespace)],
            }
        ],
        "serviceDiscoveryRole": "EndpointSlice",
        **_selectors(),
        "alerting": {
            "alertmanagers": [{"namespace": namespace, "name": alertmanager, "port": "web", "apiVersion": "v2"}]
        },
        "storage": _STORAGE,
        "walCompression": True,
        **LIMITS,
        **scale_out(settings),
    }


def alertmanager_specification(
    settings: Alertmanager,
    *,
    service_account: str,
    configuration: str,
    tokens: str,
    external_url: str,
    priority_class: str,
) -> dict[str, Any]:
    """The `spec` of an Alertmanager that reads its file from one Secret and its tokens from another."""
    return {
        **_common("alertmanager", ALERTMANAGER_IMAGE, settings.replicas, settings.resources, service_account),
        "priorityClassName": priority_class,
        "externalUrl": external_url,
        "retention": go_duration(settings.retention),
        "configSecret": configuration,
        # Routes that other teams add to those of the file, each for alerts of its own namespace, which then go on.
        "alertmanagerConfigSelector": {"matchLabels": dict(SELECTOR)},
        "alertmanagerConfigNamespaceSelector": {},
        "alertmanagerConfigMatcherStrategy": {"type": "OnNamespace"},
        "secrets": [tokens],
        "storage": _STORAGE,
    }


def operator_values(settings: Operator, *, namespace: str, scrape_interval: str, priority_class: str) -> dict[str, Any]:
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


def _common(
    kind: str, image: Image, replicas: int, resources: Resources, service_account: str, *, shards: int = 1
) -> dict[str, Any]:
    return {
        "version": image.version,
        "image": str(image),
        "replicas": replicas,
        "resources": resources.specification,
        "serviceAccountName": service_account,
        "securityContext": dict(_SECURITY),
        "podMetadata": {"labels": {"app.kubernetes.io/part-of": "monitoring"}},
        # Preferred, not required: a cluster of one node runs the stack too.
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": key,
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": pods(kind, kind)},
                # Replicas of one shard apart, not just any two pods.
                **({"additionalLabelSelectors": "OnShard"} if shards > 1 else {}),
            }
            for key in ("kubernetes.io/hostname", "topology.kubernetes.io/zone")
        ],
    }


def _selectors() -> dict[str, Any]:
    kinds = ("rule", "serviceMonitor", "podMonitor", "probe", "scrapeConfig")
    labelled = {f"{kind}Selector": {"matchLabels": dict(SELECTOR)} for kind in kinds}
    # A ScrapeConfig may name any address and any way to find one: the stack's own namespace only.
    anywhere: dict[str, Any] = {f"{kind}NamespaceSelector": {} for kind in kinds if kind != "scrapeConfig"}
    return labelled | anywhere
