"""What a stack may set: a frozen tree with every default, and the rules that tie values together."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from common.quantities import quantity, share_of_volume, size
from settings.base import LIST, Section
from settings.databases import Postgres, Redis
from settings.exporters import BlackboxExporter, KubeStateMetrics, NodeExporter
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
from settings.grafana import Grafana
from settings.network import Network
from settings.notifications import Notifications
from settings.probes import Probes
from settings.resources import Limits, Requests, Resources
from settings.scale_out import RemoteWrite, Thanos
from settings.scheduling import Scheduling
from settings.services import Service

# What metrics may fill: blocks, write-ahead log and head chunks together. Prometheus deletes only after the fact: until
# a compaction is done, the blocks that it writes and those that it replaces take space side by side.
_PERCENT_OF_VOLUME = 85
_MOST_PERCENT_OF_VOLUME = 90


class Cluster(Section):
    """Which cluster: its name in labels and state, and its context in the kubeconfig (default: the current one)."""

    name: Name
    context: Context = None


class Charts(Section):
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


class Volume(Section):
    """A persistent volume for each replica."""

    size: Bytes = "2Gi"
    storage_class: ObjectName = None


class MetricsVolume(Section):
    """Prometheus's volume, and how many bytes of it the metrics may fill."""

    size: Bytes = "50Gi"
    storage_class: ObjectName = None
    retention_size: OptionalSize = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.retention_size and size(self.retention_size) > quantity(self.size) * _MOST_PERCENT_OF_VOLUME / 100:
            most = share_of_volume(self.size, _MOST_PERCENT_OF_VOLUME)
            raise refuse(f"{most} or less, which is {_MOST_PERCENT_OF_VOLUME} % of the volume", key="retentionSize")
        return self

    @property
    def bytes_kept(self) -> str:
        """The retention size in force, as a Prometheus size."""
        return self.retention_size or share_of_volume(self.size, _PERCENT_OF_VOLUME)


class Prometheus(Section):
    """Collection and storage of metrics."""

    replicas: Annotated[int, whole_number(1, 10)] = 2
    shards: Annotated[int, whole_number(1, 32)] = 1
    retention: Retention = "15d"
    scrape_interval: Interval = "30s"
    evaluation_interval: Interval = "30s"
    storage: MetricsVolume = MetricsVolume()
    resources: PrometheusResources = PrometheusResources()
    remote_write: Annotated[tuple[RemoteWrite, ...], LIST] = ()
    remote_write_receiver: Flag = False
    query_url: OptionalBaseUrl = None
    thanos: Thanos | None = None

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


class Alertmanager(Section):
    """Routing and delivery of notifications."""

    replicas: Annotated[int, whole_number(1, 9)] = 3
    retention: Retention = "5d"
    storage: Volume = Volume()
    resources: Resources = Resources()


class Volumes(Section):
    """Whether claims and their data outlive the stack (default: in every environment but local)."""

    keep_data: OptionalFlag = None


class ClusterTargets(Section):
    """Which parts of the cluster itself are scraped."""

    api_server: Flag = True
    kubelet: Flag = True
    core_dns: Flag = True


class Operator(Section):
    """The operator that runs Prometheus and Alertmanager, and the cluster's own scrape targets."""

    cluster_targets: ClusterTargets = ClusterTargets()
    resources: Resources = Resources()


class Alerts(Section):
    """This stack's changes to the catalogue; `rules` checks the names and values."""

    tunables: Mapping[str, Any] = Field(default_factory=dict)
    overrides: Mapping[str, Any] = Field(default_factory=dict)


class Dashboards(Section):
    """This stack's changes to the boards, by uid; `dashboards` checks the names and values."""

    boards: Mapping[str, Any] = Field(default_factory=dict)


class Links(Section):
    """Where the links in an alert lead; Prometheus's and Alertmanager's own (default: their Services)."""

    runbooks: BaseUrl
    grafana: BaseUrl
    prometheus: OptionalBaseUrl = None
    alertmanager: OptionalBaseUrl = None


class Settings(Section):
    """Everything that a stack sets."""

    environment: Environment
    cluster: Cluster
    namespace: NamespaceName
    links: Links
    notifications: Notifications
    charts: Charts = Charts()
    operator: Operator = Operator()
    node_exporter: NodeExporter = NodeExporter()
    kube_state_metrics: KubeStateMetrics = KubeStateMetrics()
    blackbox_exporter: BlackboxExporter = BlackboxExporter()
    probes: Probes = Probes()
    postgres: Annotated[tuple[Postgres, ...], LIST] = ()
    redis: Annotated[tuple[Redis, ...], LIST] = ()
    services: Annotated[tuple[Service, ...], LIST] = ()
    prometheus: Prometheus = Prometheus()
    alertmanager: Alertmanager = Alertmanager()
    grafana: Grafana = Grafana()
    volumes: Volumes = Volumes()
    alerts: Alerts = Alerts()
    dashboards: Dashboards = Dashboards()
    network: Network = Network()
    scheduling: Scheduling = Scheduling()

    @property
    def keeps_data(self) -> bool:
        """Whether claims and their namespace outlive the stack."""
        return self.environment != "local" if self.volumes.keep_data is None else self.volumes.keep_data
