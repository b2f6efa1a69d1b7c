"""Everything that can be wrong with a stack, found before a resource is registered."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from catalogue import loader, runbooks
from catalogue.loader import Catalogue
from common.problems import CatalogueError, Fault
from dashboards import stack as dashboards
from manifests.alert_overrides import overrides
from manifests.volume_claims import planned_claims
from preflight.charts import chart_faults, stand_ins
from preflight.cluster_storage import existing_storage
from preflight.existing_secret import existing_secret_faults
from preflight.reachability import cluster_faults
from preflight.volumes import claim_faults
from settings.credentials import mounted
from settings.loader import Configuration, SettingsError, read, settings
from settings.stack import Settings


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the program builds from: checked settings, rules and runbooks by area, boards by uid, stand-in charts."""

    settings: Settings
    rules: Mapping[str, Mapping[str, Any]]
    boards: Mapping[str, str]
    runbooks: Mapping[str, Mapping[str, str]]
    stand_ins: tuple[str, ...]


def prepare(configuration: Configuration, project: Path) -> Plan:
    """The plan of a stack; raises SettingsError with every fault of settings, catalogue, charts and cluster."""
    faults, plan = _examine(configuration, project)
    if faults or plan is None:
        raise SettingsError(configuration.stack, faults)
    return plan


def faults_of(configuration: Configuration, project: Path) -> list[Fault]:
    """The faults that `prepare` would raise."""
    return _examine(configuration, project)[0]


def _examine(configuration: Configuration, project: Path) -> tuple[list[Fault], Plan | None]:
    reading = read(configuration)
    faults = list(reading.faults)
    names = ("alerts", "charts", "cluster", "dashboards")
    alerts, charts, cluster, changed = (reading.sections.get(name) for name in names)
    loaded = _load(faults)
    if loaded and alerts:
        found = loader.override_faults(loaded, alerts.tunables, alerts.overrides)
        faults += [replace(fault, key=f"monitoring:{fault.key}") for fault in found]
    if changed:
        faults += [replace(fault, key=f"monitoring:{fault.key}") for fault in dashboards.faults(changed.boards)]
    if charts:
        faults += chart_faults(charts.source, reading.sections.get("environment"), project)
    if cluster:
        unreachable = cluster_faults(cluster.context)
        faults += unreachable or [
            *_existing_secret_faults(configuration, reading.sections),
            *_volume_faults(cluster.context, reading.sections),
        ]
    if faults or loaded is None:
        return faults, None
    return [], _plan(settings(reading), loaded, project)


def _existing_secret_faults(configuration: Configuration, sections: Mapping[str, Any]) -> list[Fault]:
    notifications, namespace = sections.get("notifications"), sections.get("namespace")
    if namespace is None or notifications is None or notifications.existing_secret is None:
        return []
    credentials = mounted(configuration.values["notifications"])
    return existing_secret_faults(sections["cluster"].context, namespace, notifications.existing_secret, credentials)


def _volume_faults(context: str | None, sections: Mapping[str, Any]) -> list[Fault]:
    if not (namespace := sections.get("namespace")):
        return []
    planned = planned_claims(
        prometheus=sections.get("prometheus"),
        alertmanager=sections.get("alertmanager"),
        grafana=sections.get("grafana"),
    )
    return claim_faults(planned, existing_storage(context, namespace))


def _load(faults: list[Fault]) -> Catalogue | None:
    try:
        loaded = loader.load()
    except CatalogueError as error:
        faults += error.faults
        return None
    faults += runbooks.faults(loaded)
    return loaded


def _plan(checked: Settings, loaded: Catalogue, project: Path) -> Plan:
    rules = loader.render(
        loaded,
        tunables=checked.alerts.tunables,
        overrides=overrides(checked),
        runbook_base=checked.links.runbooks,
        grafana_base=checked.links.grafana,
        choices=dashboards.choices(),
    )
    tunables = loader.tunables_in_force(loaded, checked.alerts.tunables)
    boards = dashboards.render(
        rules, environment=checked.environment, tunables=tunables, changed=checked.dashboards.boards
    )
    return Plan(
        settings=checked,
        rules=rules,
        boards=boards,
        runbooks=runbooks.of_stack(loaded, rules, tunables),
        stand_ins=tuple(stand_ins(checked.charts.source, project)),
    )
