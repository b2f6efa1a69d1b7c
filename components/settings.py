"""What a stack may set: a frozen tree with every default, and the rules that tie values together."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from components.quantities import quantity, share_of_volume, size
from components.values import (
    Address,
    BaseUrl,
    Channel,
    ChartSource,
    Context,
    Duration,
    Environment,
    Flag,
    Name,
    ObjectName,
    OptionalSize,
    OptionalText,
    Quantity,
    Smarthost,
    refuse,
    whole_number,
)

# What Prometheus may fill: the rest of the volume is for the write-ahead log and for compaction.
_PERCENT_OF_VOLUME = 85


class Section(BaseModel):
    """A mapping in a stack file: camelCase keys, nothing unknown, nothing converted, nothing changed later."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=to_camel,
        validate_by_name=False,
        validate_default=False,
    )


class Cluster(Section):
    """Which cluster: its name in labels and state, and its context in the kubeconfig (default: the current one)."""

    name: Name
    context: Context = None


class Charts(Section):
    """Where charts come from."""

    source: ChartSource = "upstream"


class Requests(Section):
    """What a pod is promised."""

    cpu: Quantity = "100m"
    memory: Quantity = "128Mi"


class Limits(Section):
    """What a pod may not exceed. No processor limit: throttled monitoring is blind when it matters."""

    memory: Quantity = "512Mi"


class Resources(Section):
    """A pod's requests and limits."""

    requests: Requests = Requests()
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if quantity(self.requests.memory) > quantity(self.limits.memory):
            raise refuse(
                f"limits.memory ({self.limits.memory}) or less",
                key="requests.memory",
                found=json.dumps(self.requests.memory),
            )
        return self


class PrometheusRequests(Requests):
    """What a Prometheus pod is promised."""

    cpu: Quantity = "500m"
    memory: Quantity = "2Gi"


class PrometheusLimits(Limits):
    """What a Prometheus pod may not exceed."""

    memory: Quantity = "4Gi"


class PrometheusResources(Resources):
    """A Prometheus pod's requests and limits: it holds its newest samples in memory."""

    requests: PrometheusRequests = PrometheusRequests()
    limits: PrometheusLimits = PrometheusLimits()


class Volume(Section):
    """A persistent volume for each replica."""

    size: Quantity = "2Gi"
    storage_class: ObjectName = None


class MetricsVolume(Section):
    """Prometheus's volume, and how many bytes of it the metrics may fill."""

    size: Quantity = "50Gi"
    storage_class: ObjectName = None
    retention_size: OptionalSize = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.retention_size and size(self.retention_size) > quantity(self.size):
            raise refuse(f"the volume's size ({self.size}) or less, better 85 % of it", key="retentionSize")
        return self

    @property
    def bytes_kept(self) -> str:
        """The retention size in force, as a Prometheus size."""
        return self.retention_size or share_of_volume(self.size, _PERCENT_OF_VOLUME)


class Prometheus(Section):
    """Collection and storage of metrics."""

    replicas: Annotated[int, whole_number(1, 10)] = 2
    retention: Duration = "15d"
    scrape_interval: Duration = "30s"
    evaluation_interval: Duration = "30s"
    storage: MetricsVolume = MetricsVolume()
    resources: PrometheusResources = PrometheusResources()


class Alertmanager(Section):
    """Routing and delivery of notifications."""

    replicas: Annotated[int, whole_number(1, 9)] = 3
    retention: Duration = "5d"
    storage: Volume = Volume()
    resources: Resources = Resources()


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


class Links(Section):
    """Where the links in an alert lead."""

    runbooks: BaseUrl
    grafana: BaseUrl


class Slack(Section):
    """The Slack channels."""

    critical_channel: Channel = "#bais-critical"
    warning_channel: Channel = "#bais-alerts"
    security_channel: Channel = "#bais-security"


class Email(Section):
    """Mail to the engineer on call."""

    sender: Address = Field(alias="from")
    smarthost: Smarthost
    on_call: Address
    username: OptionalText = None
    require_tls: Flag = True


class Notifications(Section):
    """Which channels are in use; each needs its secret."""

    slack: Slack | None = None
    pagerduty: Flag = False
    email: Email | None = None
    dead_mans_switch: Flag = False

    @model_validator(mode="after")
    def _reach_somebody(self) -> Self:
        if self.slack is None and self.email is None:
            raise refuse("slack, email or both: otherwise a warning reaches nobody", found="neither slack nor email")
        return self


class Settings(Section):
    """Everything that a stack sets."""

    environment: Environment
    cluster: Cluster
    namespace: Name
    links: Links
    notifications: Notifications
    charts: Charts = Charts()
    operator: Operator = Operator()
    prometheus: Prometheus = Prometheus()
    alertmanager: Alertmanager = Alertmanager()
    alerts: Alerts = Alerts()
