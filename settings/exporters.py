"""Settings of the exporters that run once per stack, and resources of small pods."""

from typing import Annotated

from common.exporters import BLACKBOX_EXPORTER, KUBE_STATE_METRICS, NODE_EXPORTER
from settings.base import AS_TUPLE, SettingsModel
from settings.fields import Bytes, Cores, Flag, MetricPattern, NodePort, OptionalInterval
from settings.resources import Limits, Requests, Resources


class SmallRequests(Requests):
    """Resource requests of a stateless pod."""

    cpu: Cores = "20m"
    memory: Bytes = "32Mi"


class SmallLimits(Limits):
    """Resource limits of a stateless pod."""

    memory: Bytes = "128Mi"


class SmallResources(Resources):
    """Resource requests and limits of a stateless pod."""

    requests: SmallRequests = SmallRequests()
    limits: SmallLimits = SmallLimits()


class NodeExporterSettings(SettingsModel):
    """The node exporter: CPU, memory, disk and network metrics of every node."""

    enabled: Flag = NODE_EXPORTER.enabled_by_default
    port: NodePort = NODE_EXPORTER.port
    scrape_interval: OptionalInterval = None
    resources: SmallResources = SmallResources()


class KubeStateMetricsSettings(SettingsModel):
    """kube-state-metrics: state of pods, nodes and workloads. It caches the cluster's objects in memory."""

    enabled: Flag = KUBE_STATE_METRICS.enabled_by_default
    scrape_interval: OptionalInterval = None
    excluded_metrics: Annotated[tuple[MetricPattern, ...] | None, AS_TUPLE] = None
    resources: Resources = Resources()


class BlackboxExporterSettings(SettingsModel):
    """The blackbox exporter, which runs the probes."""

    enabled: Flag = BLACKBOX_EXPORTER.enabled_by_default
    scrape_interval: OptionalInterval = None
    resources: SmallResources = SmallResources()
