"""What a stack may set about its exporters."""

from common.exporters import BLACKBOX_EXPORTER, KUBE_STATE_METRICS, NODE_EXPORTER
from settings.base import SettingsModel
from settings.fields import Bytes, Cores, Flag, OptionalInterval
from settings.resources import Limits, Requests, Resources


class SmallRequests(Requests):
    """What a pod is promised that only reads or asks, and keeps nothing."""

    cpu: Cores = "20m"
    memory: Bytes = "32Mi"


class SmallLimits(Limits):
    """What such a pod may not exceed."""

    memory: Bytes = "128Mi"


class SmallResources(Resources):
    """The requests and limits of a pod that keeps nothing."""

    requests: SmallRequests = SmallRequests()
    limits: SmallLimits = SmallLimits()


class NodeExporterSettings(SettingsModel):
    """Processor, memory, disks and network of every node."""

    enabled: Flag = NODE_EXPORTER.enabled_by_default
    scrape_interval: OptionalInterval = None
    resources: SmallResources = SmallResources()


class KubeStateMetricsSettings(SettingsModel):
    """The state of pods, nodes and workloads; it holds the whole cluster's objects in memory."""

    enabled: Flag = KUBE_STATE_METRICS.enabled_by_default
    scrape_interval: OptionalInterval = None
    resources: Resources = Resources()


class BlackboxExporterSettings(SettingsModel):
    """Asks what the probes name, as a customer would."""

    enabled: Flag = BLACKBOX_EXPORTER.enabled_by_default
    scrape_interval: OptionalInterval = None
    resources: SmallResources = SmallResources()
