"""Everything that can be wrong with a stack, found before a resource is registered."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from components.charts import chart_faults, stand_ins
from components.cluster import cluster_faults
from components.pieces_off import overrides
from components.reading import Configuration, SettingsError, read, settings
from components.settings import Settings
from rules import catalogue
from rules.catalogue import Catalogue
from rules.faults import CatalogueError, Fault


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the program builds from: checked settings, the stack's rules by area, and the charts that are stand-ins."""

    settings: Settings
    rules: Mapping[str, Mapping[str, Any]]
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
    alerts, charts, cluster = (reading.sections.get(name) for name in ("alerts", "charts", "cluster"))
    loaded = _load(faults)
    if loaded and alerts:
        found = catalogue.override_faults(loaded, alerts.tunables, alerts.overrides)
        faults += [replace(fault, key=f"monitoring:{fault.key}") for fault in found]
    if charts:
        faults += chart_faults(charts.source, reading.sections.get("environment"), project)
    if cluster:
        faults += cluster_faults(cluster.context)
    if faults or loaded is None:
        return faults, None
    return [], _plan(settings(reading), loaded, project)


def _load(faults: list[Fault]) -> Catalogue | None:
    try:
        return catalogue.load()
    except CatalogueError as error:
        faults += error.faults
        return None


def _plan(checked: Settings, loaded: Catalogue, project: Path) -> Plan:
    rules = catalogue.render(
        loaded,
        tunables=checked.alerts.tunables,
        overrides=overrides(checked),
        runbook_base=checked.links.runbooks,
        grafana_base=checked.links.grafana,
    )
    return Plan(settings=checked, rules=rules, stand_ins=tuple(stand_ins(checked.charts.source, project)))
