"""Spec of the Prometheus resource."""

from collections.abc import Mapping
from typing import Any

from common.labels import relabelings
from manifests.charts import PROMETHEUS_IMAGE
from manifests.operated_pods import STORAGE, operated_pod_fields
from manifests.scale_out import scale_out_fields, sharding_relabelings
from manifests.scrape_limits import prometheus_limits
from settings.prometheus import PrometheusSettings
from settings.stack import ClusterSettings


def prometheus_spec(
    settings: PrometheusSettings,
    *,
    environment: str,
    cluster: ClusterSettings,
    namespace: str,
    selector: Mapping[str, str],
    service_account: str,
    alertmanager: str,
    external_url: str,
    priority_class: str,
) -> dict[str, Any]:
    """Return the `spec` of a Prometheus.

    `selector` is the stack's label; `alertmanager` is the name of Alertmanager's Service in the same namespace.
    """
    origin = {"environment": environment, "cluster": cluster.name}
    return {
        **operated_pod_fields(
            "prometheus",
            PROMETHEUS_IMAGE,
            environment,
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
        # External labels are added only to alerts and samples that leave Prometheus. Dashboards and rules read these
        # labels, too, so a relabeling adds them to every series.
        "externalLabels": origin,
        "scrapeClasses": [
            {
                "name": "default",
                "default": True,
                "relabelings": [*relabelings(origin), *sharding_relabelings(settings, namespace=namespace)],
            }
        ],
        "serviceDiscoveryRole": "EndpointSlice",
        **_selectors(selector),
        "alerting": {
            "alertmanagers": [{"namespace": namespace, "name": alertmanager, "port": "web", "apiVersion": "v2"}]
        },
        "storage": STORAGE,
        "walCompression": True,
        **prometheus_limits(settings),
        **scale_out_fields(settings, environment),
    }


def _selectors(selector: Mapping[str, str]) -> dict[str, Any]:
    kinds = ("rule", "serviceMonitor", "podMonitor", "probe", "scrapeConfig")
    selectors = {f"{kind}Selector": {"matchLabels": dict(selector)} for kind in kinds}
    # ScrapeConfigs only in the stack's own namespace: they can scrape any address.
    namespaces: dict[str, Any] = {f"{kind}NamespaceSelector": {} for kind in kinds if kind != "scrapeConfig"}
    return selectors | namespaces
