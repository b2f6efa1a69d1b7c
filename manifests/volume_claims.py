"""Which claims a stack has: one for each replica, under the name that its StatefulSet looks for, and Grafana's.

A StatefulSet calls one `<volume>-<StatefulSet>-<ordinal>`; the names of volume and StatefulSet are operator v0.93.1's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from settings.alertmanager import AlertmanagerSettings, AlertmanagerVolume
from settings.grafana import GrafanaSettings
from settings.prometheus import PrometheusSettings, PrometheusVolume


@dataclass(frozen=True, kw_only=True)
class PlannedClaim:
    """A claim by its name in the cluster; `setting` is where a stack sets its size and class."""

    name: str
    setting: str
    size: str
    storage_class: str | None


def planned_claims(
    *, prometheus: PrometheusSettings | None, alertmanager: AlertmanagerSettings | None, grafana: GrafanaSettings | None
) -> list[PlannedClaim]:
    """Every claim of a stack; a component whose settings could not be read has none."""
    return [
        *(prometheus_claims(prometheus) if prometheus else []),
        *(alertmanager_claims(alertmanager) if alertmanager else []),
        *([grafana_claim(grafana)] if grafana and grafana.enabled else []),
    ]


def prometheus_claims(settings: PrometheusSettings) -> list[PlannedClaim]:
    """The claims of Prometheus, one for each replica of each shard."""
    further = [f"prometheus-prometheus-shard-{shard}" for shard in range(1, settings.shards)]
    return _claims("prometheus", settings.storage, ["prometheus-prometheus", *further], settings.replicas)


def alertmanager_claims(settings: AlertmanagerSettings) -> list[PlannedClaim]:
    """The claims of Alertmanager, one a replica."""
    return _claims("alertmanager", settings.storage, ["alertmanager-alertmanager"], settings.replicas)


def grafana_claim(settings: GrafanaSettings) -> PlannedClaim:
    """The claim of Grafana, which its release is told by this name."""
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
