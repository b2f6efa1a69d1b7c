"""Volume claims of a stack: one per replica of Prometheus, Alertmanager, Grafana.

A StatefulSet expects the name `<volume>-<StatefulSet>-<ordinal>`. Operator v0.93.1 sets the names of the volume and the
StatefulSet.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from settings.alertmanager import AlertmanagerSettings, AlertmanagerVolume
from settings.grafana import GrafanaSettings
from settings.prometheus import PrometheusSettings, PrometheusVolume


@dataclass(frozen=True, kw_only=True)
class PlannedClaim:
    """A volume claim that the program creates.

    Attributes:
        name: Name in the cluster.
        setting: Path of its settings in a stack file.
        size: Requested size.
        storage_class: Storage class; None for the cluster's default.
    """

    name: str
    setting: str
    size: str
    storage_class: str | None


def planned_claims(
    *, prometheus: PrometheusSettings | None, alertmanager: AlertmanagerSettings | None, grafana: GrafanaSettings | None
) -> list[PlannedClaim]:
    """Return every claim of a stack; None is for a component with invalid settings."""
    return [
        *(prometheus_claims(prometheus) if prometheus else []),
        *(alertmanager_claims(alertmanager) if alertmanager else []),
        *([grafana_claim(grafana)] if grafana and grafana.enabled else []),
    ]


def prometheus_claims(settings: PrometheusSettings) -> list[PlannedClaim]:
    """Return the claims of Prometheus, one per replica of each shard."""
    other_shards = [f"prometheus-prometheus-shard-{shard}" for shard in range(1, settings.shards)]
    return _claims("prometheus", settings.storage, ["prometheus-prometheus", *other_shards], settings.replicas)


def alertmanager_claims(settings: AlertmanagerSettings) -> list[PlannedClaim]:
    """Return the claims of Alertmanager, one per replica."""
    return _claims("alertmanager", settings.storage, ["alertmanager-alertmanager"], settings.replicas)


def grafana_claim(settings: GrafanaSettings) -> PlannedClaim:
    """Return the claim of Grafana; its chart mounts it by name."""
    volume = settings.storage
    return PlannedClaim(name="grafana", setting="grafana.storage", size=volume.size, storage_class=volume.storage_class)


def _claims(
    kind: str, volume: AlertmanagerVolume | PrometheusVolume, stateful_sets: Sequence[str], replicas: int
) -> list[PlannedClaim]:
    return [
        PlannedClaim(
            name=f"{kind}-{kind}-db-{stateful_set}-{ordinal}",
            setting=f"{kind}.storage",
            size=volume.size,
            storage_class=volume.storage_class,
        )
        for stateful_set in stateful_sets
        for ordinal in range(replicas)
    ]
