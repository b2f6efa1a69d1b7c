"""Spec of the Prometheus resource."""

from typing import Any, Final

from common.labels import SELECTOR, relabelings
from manifests.charts import PROMETHEUS_IMAGE
from manifests.operated_pods import STORAGE, operated_pod_fields
from manifests.scale_out import scale_out, sharding
from settings.prometheus import PrometheusSettings
from settings.stack import ClusterSettings

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


def prometheus_specification(
    settings: PrometheusSettings,
    *,
    environment: str,
    cluster: ClusterSettings,
    namespace: str,
    service_account: str,
    alertmanager: str,
    external_url: str,
    priority_class: str,
) -> dict[str, Any]:
    """The `spec` of a Prometheus that alerts through the Service called `alertmanager` in the same namespace."""
    origin = {"environment": environment, "cluster": cluster.name}
    return {
        **operated_pod_fields(
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
        "retentionSize": settings.storage.effective_retention_size,
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
        "storage": STORAGE,
        "walCompression": True,
        **LIMITS,
        **scale_out(settings),
    }


def _selectors() -> dict[str, Any]:
    kinds = ("rule", "serviceMonitor", "podMonitor", "probe", "scrapeConfig")
    labelled = {f"{kind}Selector": {"matchLabels": dict(SELECTOR)} for kind in kinds}
    # A ScrapeConfig may name any address and any way to find one: the stack's own namespace only.
    anywhere: dict[str, Any] = {f"{kind}NamespaceSelector": {} for kind in kinds if kind != "scrapeConfig"}
    return labelled | anywhere
