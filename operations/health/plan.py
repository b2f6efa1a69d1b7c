"""What a running stack is compared with, from its settings alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from common.exporters import EXPORTERS
from common.secrets import GRAFANA_ADMIN
from manifests.charts import GRAFANA, IMAGES, OPERATOR, exporter_chart
from manifests.database_exporters import release_name
from manifests.platform import monitored_platform
from manifests.volume_claims import planned_claims
from preflight.plan import CheckedSettings, render_boards
from settings.loader import SettingsError
from settings.stack import StackSettings
from verification.model import ClusterPlan, Instance
from verification.plan import cluster_plan


@dataclass(frozen=True, kw_only=True)
class Component:
    """A component that must run.

    Attributes:
        name: Name in the report.
        release: Helm release that it belongs to; None for an instance of the operator.
        instance: Custom resource that it belongs to; None for a release.
    """

    name: str
    release: str | None = None
    instance: Instance | None = None


@dataclass(frozen=True, kw_only=True)
class HealthPlan:
    """Plan of a stack's health check.

    Attributes:
        stack: Name of the stack.
        origin: Labels that Prometheus adds to every alert.
        cluster: What the cluster must run.
        namespaces: Namespaces of the stack's pods.
        components: Components that must run.
        jobs: Jobs that must have targets.
        versions: Planned tag of each image, by the last part of its repository.
        claims: Names of the volume claims.
        boards: JSON of each board by uid; empty without Grafana.
        grafana_account: Secret with the administrator's account; None without Grafana.
        dead_mans_switch: Whether the Watchdog is sent to a dead man's switch.
        remote_writes: Names of the remote write receivers.
        tls_endpoints: Addresses of the probes that use TLS.
        has_api_server_target: Whether the API server is scraped.
        limits: Number of each tunable of the catalogue, by name.
    """

    stack: str
    origin: Mapping[str, str]
    cluster: ClusterPlan
    namespaces: tuple[str, ...]
    components: tuple[Component, ...]
    jobs: frozenset[str]
    versions: Mapping[str, str]
    claims: tuple[str, ...]
    boards: Mapping[str, str]
    grafana_account: str | None
    dead_mans_switch: bool
    remote_writes: tuple[str, ...]
    tls_endpoints: tuple[str, ...]
    has_api_server_target: bool
    limits: Mapping[str, float]

    @property
    def namespace(self) -> str:
        """Return the namespace of the stack."""
        return self.cluster.namespace

    @property
    def kubectl(self) -> str:
        """Return the start of a kubectl command for the namespace of the stack."""
        context = f" --context {self.cluster.context}" if self.cluster.context else ""
        return f"kubectl{context} -n {self.namespace}"

    @property
    def redeploy(self) -> str:
        """Return what to do if the cluster does not run the plan."""
        return (
            f"check out the deployed version, or deploy this one: make deploy STACK={self.stack}"
            " (after a change by hand: pulumi refresh first)"
        )

    def expression(self, alert: str) -> str | None:
        """Return the expression of a planned alert; None if the stack disables it."""
        rule = self._alert(alert)
        return None if rule is None else str(rule["expr"])

    def runbook(self, alert: str) -> str:
        """Return the address of an alert's runbook; that in the project if the stack disables the alert."""
        rule = self._alert(alert)
        return f"runbooks/{alert}.md" if rule is None else str(rule["annotations"]["runbook_url"])

    def _alert(self, name: str) -> Mapping[str, Any] | None:
        rules = (rule for spec in self.cluster.rules.values() for group in spec["groups"] for rule in group["rules"])
        return next((rule for rule in rules if rule.get("alert") == name), None)


def health_plan(stack: str, checked: CheckedSettings) -> HealthPlan:
    """Return the plan of a stack.

    Raises:
        SettingsError: the settings have problems.
    """
    settings, catalogue, rules = checked.settings, checked.catalogue, checked.rules
    if settings is None or catalogue is None or rules is None:
        raise SettingsError(stack, checked.problems)
    cluster = cluster_plan(settings, rules)
    return HealthPlan(
        stack=stack,
        origin={"environment": settings.environment, "cluster": settings.cluster.name},
        cluster=cluster,
        namespaces=(settings.namespace, settings.node_exporter_namespace),
        components=tuple(_components(settings, cluster)),
        jobs=frozenset(_jobs(settings)),
        versions={image.repository.rpartition("/")[2]: image.version for image in IMAGES},
        claims=tuple(
            claim.name
            for claim in planned_claims(
                prometheus=settings.prometheus, alertmanager=settings.alertmanager, grafana=settings.grafana
            )
        ),
        boards=render_boards(settings, catalogue, rules) if settings.grafana.enabled else {},
        grafana_account=(settings.grafana.admin_secret or GRAFANA_ADMIN) if settings.grafana.enabled else None,
        dead_mans_switch=settings.notifications.dead_mans_switch,
        remote_writes=tuple(each.name for each in settings.prometheus.remote_write),
        tls_endpoints=(
            *(probe.url for probe in settings.probes.http if probe.url.startswith("https:")),
            *(probe.address for probe in settings.probes.tls),
        ),
        has_api_server_target=settings.operator.cluster_targets.api_server,
        limits=catalogue.tunables,
    )


def _components(settings: StackSettings, cluster: ClusterPlan) -> list[Component]:
    servers = [release_name(exporter, server) for exporter in EXPORTERS for server in settings.servers(exporter)]
    exporters = [
        Component(name=exporter.name, release=exporter_chart(exporter).name)
        for exporter in EXPORTERS
        if settings.has_exporter(exporter) and not exporter.per_server
    ]
    return [
        Component(name="prometheus", instance=cluster.prometheus),
        Component(name="alertmanager", instance=cluster.alertmanager),
        *([Component(name="prometheus-operator", release=OPERATOR.name)] if settings.operator.enabled else []),
        *([Component(name="grafana", release=GRAFANA.name)] if settings.grafana.enabled else []),
        *exporters,
        *(Component(name=name, release=name) for name in servers),
    ]


def _jobs(settings: StackSettings) -> Iterator[str]:
    yield from ("prometheus", "alertmanager")
    yield from (exporter.name for exporter in EXPORTERS if settings.has_exporter(exporter))
    yield from (target.job for target in monitored_platform(settings).targets)
    targets = settings.operator.cluster_targets
    optional = {
        "prometheus-operator": settings.operator.enabled,
        "grafana": settings.grafana.enabled,
        "apiserver": targets.api_server,
        "kubelet": targets.kubelet,
        "coredns": targets.core_dns,
    }
    yield from (job for job, is_planned in optional.items() if is_planned)
