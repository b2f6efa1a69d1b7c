"""Everything that can be wrong with a stack, found before a resource is registered."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from catalogue import loader, runbooks
from catalogue.loader import Catalogue
from common.problems import CatalogueError, Problem
from dashboards import stack as dashboards
from manifests.alert_overrides import effective_overrides
from manifests.volume_claims import planned_claims
from preflight.charts import chart_problems, stand_ins
from preflight.cluster_storage import existing_storage
from preflight.existing_secret import existing_secret_problems
from preflight.reachability import cluster_problems
from preflight.volumes import claim_problems
from settings.credentials import mounted_credentials
from settings.loader import RawConfig, SettingsError, build_settings, load_sections
from settings.stack import StackSettings


@dataclass(frozen=True, kw_only=True)
class StackPlan:
    """What the program builds from: checked settings, rules and runbooks by area, boards by uid, stand-in charts."""

    settings: StackSettings
    rules: Mapping[str, Mapping[str, Any]]
    boards: Mapping[str, str]
    runbooks: Mapping[str, Mapping[str, str]]
    stand_ins: tuple[str, ...]


def prepare_stack(configuration: RawConfig, project: Path) -> StackPlan:
    """The plan of a stack; raises SettingsError with every problem of settings, catalogue, charts and cluster."""
    problems, plan = _examine(configuration, project)
    if problems or plan is None:
        raise SettingsError(configuration.stack, problems)
    return plan


def find_problems(configuration: RawConfig, project: Path) -> list[Problem]:
    """The problems that `prepare` would raise."""
    return _examine(configuration, project)[0]


def _examine(configuration: RawConfig, project: Path) -> tuple[list[Problem], StackPlan | None]:
    reading = load_sections(configuration)
    problems = list(reading.problems)
    names = ("alerts", "charts", "cluster", "dashboards")
    alerts, charts, cluster, changed = (reading.sections.get(name) for name in names)
    loaded = _load(problems)
    if loaded and alerts:
        found = loader.override_problems(loaded, alerts.tunables, alerts.overrides)
        problems += [replace(problem, key=f"monitoring:{problem.key}") for problem in found]
    if changed:
        problems += [
            replace(problem, key=f"monitoring:{problem.key}")
            for problem in dashboards.find_override_problems(changed.boards)
        ]
    if charts:
        problems += chart_problems(charts.source, reading.sections.get("environment"), project)
    if cluster:
        unreachable = cluster_problems(cluster.context)
        problems += unreachable or [
            *_existing_secret_problems(configuration, reading.sections),
            *_volume_problems(cluster.context, reading.sections),
        ]
    if problems or loaded is None:
        return problems, None
    return [], _plan(build_settings(reading), loaded, project)


def _existing_secret_problems(configuration: RawConfig, sections: Mapping[str, Any]) -> list[Problem]:
    notifications, namespace = sections.get("notifications"), sections.get("namespace")
    if namespace is None or notifications is None or notifications.existing_secret is None:
        return []
    credentials = mounted_credentials(configuration.values["notifications"])
    return existing_secret_problems(sections["cluster"].context, namespace, notifications.existing_secret, credentials)


def _volume_problems(context: str | None, sections: Mapping[str, Any]) -> list[Problem]:
    if not (namespace := sections.get("namespace")):
        return []
    planned = planned_claims(
        prometheus=sections.get("prometheus"),
        alertmanager=sections.get("alertmanager"),
        grafana=sections.get("grafana"),
    )
    return claim_problems(planned, existing_storage(context, namespace))


def _load(problems: list[Problem]) -> Catalogue | None:
    try:
        loaded = loader.load()
    except CatalogueError as error:
        problems += error.problems
        return None
    problems += runbooks.problems(loaded)
    return loaded


def _plan(checked: StackSettings, loaded: Catalogue, project: Path) -> StackPlan:
    rules = loader.render(
        loaded,
        tunables=checked.alerts.tunables,
        overrides=effective_overrides(checked),
        runbook_base=checked.links.runbooks,
        grafana_base=checked.links.grafana,
        choices=dashboards.choices(),
    )
    tunables = loader.tunables_in_force(loaded, checked.alerts.tunables)
    boards = dashboards.render(
        rules, environment=checked.environment, tunables=tunables, changed=checked.dashboards.boards
    )
    return StackPlan(
        settings=checked,
        rules=rules,
        boards=boards,
        runbooks=runbooks.of_stack(loaded, rules, tunables),
        stand_ins=tuple(stand_ins(checked.charts.source, project)),
    )
