"""What a stack may set: a frozen tree with every default, and the rules that tie values together."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from common.exporters import Exporter
from common.quantities import parse_quantity, parse_size, share_of_volume
from settings.base import AS_TUPLE, SettingsModel
from settings.databases import DatabaseSettings, PostgresSettings, RedisSettings
from settings.exporters import BlackboxExporterSettings, KubeStateMetricsSettings, NodeExporterSettings
from settings.fields import (
    BaseUrl,
    Bytes,
    ChartSource,
    Context,
    Cores,
    Environment,
    Flag,
    Interval,
    Name,
    NamespaceName,
    ObjectName,
    OptionalBaseUrl,
    OptionalFlag,
    OptionalSize,
    Retention,
    refuse,
    whole_number,
)
from settings.grafana import GrafanaSettings
from settings.network import NetworkSettings
from settings.notifications import NotificationsSettings
from settings.probes import ProbesSettings
from settings.resources import Limits, Requests, Resources
from settings.scale_out import RemoteWriteSettings, ThanosSettings
from settings.scheduling import Priorities, SchedulingSettings, priority_classes
from settings.services import ServiceSettings

# What metrics may fill: blocks, write-ahead log and head chunks together. Prometheus deletes only after the fact: until
# a compaction is done, the blocks that it writes and those that it replaces take space side by side.
_PERCENT_OF_VOLUME = 85
_MOST_PERCENT_OF_VOLUME = 90


class ClusterSettings(SettingsModel):
    """Which cluster: its name in labels and state, and its context in the kubeconfig (default: the current one)."""

    name: Name
    context: Context = None


class ChartsSettings(SettingsModel):
    """Where charts come from."""

    source: ChartSource = "upstream"


class PrometheusRequests(Requests):
    """What a Prometheus pod is promised."""

    cpu: Cores = "500m"
    memory: Bytes = "2Gi"


class PrometheusLimits(Limits):
    """What a Prometheus pod may not exceed."""

    memory: Bytes = "4Gi"


class PrometheusResources(Resources):
    """A Prometheus pod's requests and limits: it holds its newest samples in memory."""

    requests: PrometheusRequests = PrometheusRequests()
    limits: PrometheusLimits = PrometheusLimits()


class Volume(SettingsModel):
    """A persistent volume for each replica."""

    size: Bytes = "2Gi"
    storage_class: ObjectName = None


class MetricsVolume(SettingsModel):
    """Prometheus's volume, and how many bytes of it the metrics may fill."""

    size: Bytes = "50Gi"
    storage_class: ObjectName = None
    retention_size: OptionalSize = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (
            self.retention_size
            and parse_size(self.retention_size) > parse_quantity(self.size) * _MOST_PERCENT_OF_VOLUME / 100
        ):
            most = share_of_volume(self.size, _MOST_PERCENT_OF_VOLUME)
            raise refuse(f"{most} or less, which is {_MOST_PERCENT_OF_VOLUME} % of the volume", key="retentionSize")
        return self

    @property
    def bytes_kept(self) -> str:
        """The retention size in force, as a Prometheus size."""
        return self.retention_size or share_of_volume(self.size, _PERCENT_OF_VOLUME)


class PrometheusSettings(SettingsModel):
    """Collection and storage of metrics."""

    replicas: Annotated[int, whole_number(1, 10)] = 2
    shards: Annotated[int, whole_number(1, 32)] = 1
    retention: Retention = "15d"
    scrape_interval: Interval = "30s"
    evaluation_interval: Interval = "30s"
    storage: MetricsVolume = MetricsVolume()
    resources: PrometheusResources = PrometheusResources()
    remote_write: Annotated[tuple[RemoteWriteSettings, ...], AS_TUPLE] = ()
    remote_write_receiver: Flag = False
    query_url: OptionalBaseUrl = None
    thanos: ThanosSettings | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.shards > 1 and not (self.remote_write or self.thanos):
            raise refuse(
                "1, or a remoteWrite or thanos, where all samples are together: no shard has them", key="shards"
            )
        names = [each.name for each in self.remote_write]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise refuse("a name of its own for each", key="remoteWrite", found=f"{twice[0]} more than once")
        return self


class AlertmanagerSettings(SettingsModel):
    """Routing and delivery of notifications."""

    replicas: Annotated[int, whole_number(1, 9)] = 3
    retention: Retention = "5d"
    storage: Volume = Volume()
    resources: Resources = Resources()


class VolumesSettings(SettingsModel):
    """Whether claims and their data outlive the stack (default: in every environment but local)."""

    keep_data: OptionalFlag = None


class ClusterTargets(SettingsModel):
    """Which parts of the cluster itself are scraped."""

    api_server: Flag = True
    kubelet: Flag = True
    core_dns: Flag = True


class OperatorSettings(SettingsModel):
    """The operator that runs Prometheus and Alertmanager, and the cluster's own scrape targets."""

    cluster_targets: ClusterTargets = ClusterTargets()
    resources: Resources = Resources()


class AlertsSettings(SettingsModel):
    """This stack's changes to the catalogue; `rules` checks the names and values."""

    tunables: Mapping[str, Any] = Field(default_factory=dict)
    overrides: Mapping[str, Any] = Field(default_factory=dict)


class DashboardsSettings(SettingsModel):
    """This stack's changes to the boards, by uid; `dashboards` checks the names and values."""

    boards: Mapping[str, Any] = Field(default_factory=dict)


class LinksSettings(SettingsModel):
    """Where the links in an alert lead; Prometheus's and Alertmanager's own (default: their Services)."""

    runbooks: BaseUrl
    grafana: BaseUrl
    prometheus: OptionalBaseUrl = None
    alertmanager: OptionalBaseUrl = None


class StackSettings(SettingsModel):
    """Everything that a stack sets."""

    environment: Environment
    cluster: ClusterSettings
    namespace: NamespaceName
    links: LinksSettings
    notifications: NotificationsSettings
    charts: ChartsSettings = ChartsSettings()
    operator: OperatorSettings = OperatorSettings()
    node_exporter: NodeExporterSettings = NodeExporterSettings()
    kube_state_metrics: KubeStateMetricsSettings = KubeStateMetricsSettings()
    blackbox_exporter: BlackboxExporterSettings = BlackboxExporterSettings()
    probes: ProbesSettings = ProbesSettings()
    postgres: Annotated[tuple[PostgresSettings, ...], AS_TUPLE] = ()
    redis: Annotated[tuple[RedisSettings, ...], AS_TUPLE] = ()
    services: Annotated[tuple[ServiceSettings, ...], AS_TUPLE] = ()
    prometheus: PrometheusSettings = PrometheusSettings()
    alertmanager: AlertmanagerSettings = AlertmanagerSettings()
    grafana: GrafanaSettings = GrafanaSettings()
    volumes: VolumesSettings = VolumesSettings()
    alerts: AlertsSettings = AlertsSettings()
    dashboards: DashboardsSettings = DashboardsSettings()
    network: NetworkSettings = NetworkSettings()
    scheduling: SchedulingSettings = SchedulingSettings()

    def has_exporter(self, exporter: Exporter) -> bool:
        """Return whether the stack has an exporter: its switch is on, or its list has a server."""
        setting = getattr(self, exporter.setting)
        return bool(setting) if exporter.per_server else setting.enabled is True

    def servers(self, exporter: Exporter) -> tuple[DatabaseSettings, ...]:
        """Return the servers of an exporter that runs per server, of any other none."""
        return getattr(self, exporter.setting) if exporter.per_server else ()

    @property
    def keeps_data(self) -> bool:
        """Whether claims and their namespace outlive the stack."""
        return self.environment != "local" if self.volumes.keep_data is None else self.volumes.keep_data

    @property
    def priority_classes(self) -> Priorities:
        """Names of the priority classes of the pods."""
        return priority_classes(self.scheduling, self.namespace)
