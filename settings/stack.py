"""Settings of a stack, with every default."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from common.exporters import Exporter
from common.labels import selector_labels
from settings.alertmanager import AlertmanagerSettings
from settings.base import AS_TUPLE, SettingsModel
from settings.databases import DatabaseSettings, PostgresSettings, RedisSettings
from settings.exporters import BlackboxExporterSettings, KubeStateMetricsSettings, NodeExporterSettings
from settings.fields import (
    NODE_EXPORTER_SUFFIX,
    ChartSource,
    Context,
    Date,
    Environment,
    Flag,
    Name,
    NamespaceName,
    OptionalDate,
    OptionalFlag,
    OptionalName,
    OptionalPlainText,
    OptionalUid,
    TimeZone,
)
from settings.grafana import GrafanaSettings
from settings.links import LinksSettings
from settings.namespaces import NamespacesSettings
from settings.network import NAMESPACE_LIST, NetworkSettings
from settings.notifications import NotificationsSettings
from settings.probes import ProbesSettings
from settings.prometheus import PrometheusSettings
from settings.resources import Resources
from settings.scheduling import PriorityClassNames, SchedulingSettings, priority_classes
from settings.services import ServiceSettings
from settings.validators import invalid_value, one_of


class ClusterSettings(SettingsModel):
    """The cluster: its name in labels and state, and its kubeconfig context (default: the current one).

    Without `uid`, the cluster of the first deployment is the stack's. With `qualified_names`, the names of cluster-wide
    objects start with the stack's namespace, so that two stacks fit into one cluster.
    """

    name: Name
    context: Context = None
    uid: OptionalUid = None
    qualified_names: Flag = False


class ChartsSettings(SettingsModel):
    """The source of the Helm charts."""

    source: ChartSource = "upstream"


class VolumesSettings(SettingsModel):
    """Retention of claims and data when the stack is destroyed (default: except in environment local)."""

    keep_data: OptionalFlag = None


class ClusterTargets(SettingsModel):
    """The components of the cluster itself that are scraped."""

    api_server: Flag = True
    kubelet: Flag = True
    core_dns: Flag = True


class OperatorSettings(SettingsModel):
    """The Prometheus Operator, its CRDs, and the cluster's own scrape targets.

    Without `enabled` and with `crds: existing`, those of the cluster are used. An operator with a controller id serves
    only resources with the same id; the operator of another team ignores these. In `secret_namespaces` it reads
    Secrets, and therefore AlertmanagerConfigs.
    """

    enabled: Flag = True
    crds: Annotated[str, one_of("managed", "existing")] = "managed"
    controller_id: OptionalName = None
    secret_namespaces: Annotated[tuple[Name, ...], NAMESPACE_LIST] = ()
    cluster_targets: ClusterTargets = ClusterTargets()
    resources: Resources = Resources()


class ExcludedDaySettings(SettingsModel):
    """A day, or the days up to and including `until`, on which the load differs from other weeks."""

    date: Date
    until: OptionalDate = None
    name: OptionalPlainText = None
    timezone: TimeZone = "UTC"

    @model_validator(mode="after")
    def _check_until(self) -> Self:
        # ISO dates sort like the days they name.
        if self.until is not None and self.until < self.date:
            raise invalid_value(f"{self.date} or a later date", key="until")
        return self


class AlertsSettings(SettingsModel):
    """Changes of this stack to the alerts; `catalogue` checks the names and values of the mappings."""

    calendar: Annotated[tuple[ExcludedDaySettings, ...], AS_TUPLE] = ()
    tunables: Mapping[str, Any] = Field(default_factory=dict)
    overrides: Mapping[str, Any] = Field(default_factory=dict)


class DashboardsSettings(SettingsModel):
    """Changes of this stack to the boards, by uid; `dashboards` checks the names and values."""

    boards: Mapping[str, Any] = Field(default_factory=dict)


class StackSettings(SettingsModel):
    """All settings of a stack."""

    environment: Environment
    cluster: ClusterSettings
    namespace: NamespaceName
    namespaces: NamespacesSettings = NamespacesSettings()
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
        """Return whether the stack runs an exporter: it is enabled, or its list has a server."""
        setting = getattr(self, exporter.setting)
        return bool(setting) if exporter.per_server else setting.enabled is True

    def servers(self, exporter: Exporter) -> tuple[DatabaseSettings, ...]:
        """Return the servers of an exporter that runs once per server; empty for the others."""
        return getattr(self, exporter.setting) if exporter.per_server else ()

    @property
    def selector(self) -> Mapping[str, str]:
        """Return the label with which Prometheus and Alertmanager select monitors, rules and routes."""
        return selector_labels(self.prometheus.selector)

    @property
    def node_exporter_namespace(self) -> str:
        """Return the namespace of the node exporter, which the stack's own would not admit."""
        return f"{self.namespace}{NODE_EXPORTER_SUFFIX}"

    @property
    def retains_data(self) -> bool:
        """Return whether claims and their namespace are retained when the stack is destroyed."""
        return self.environment != "local" if self.volumes.keep_data is None else self.volumes.keep_data

    @property
    def priority_classes(self) -> PriorityClassNames:
        """Return the names of the priority classes of the pods."""
        return priority_classes(self.scheduling, self.namespace)
