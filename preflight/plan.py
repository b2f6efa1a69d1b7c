"""Everything that can be wrong with a stack, found before a resource is registered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from catalogue import runbooks
from catalogue.loader import load
from catalogue.stack import StackCatalogue, for_stack
from common.problems import CatalogueError, Problem
from dashboards import stack as dashboards
from manifests.alert_overrides import absence_alerts_of_disabled
from manifests.volume_claims import planned_claims
from preflight.charts import chart_problems, stand_ins
from preflight.cluster_storage import existing_storage
from preflight.existing_secret import existing_secret_problems
from preflight.reachability import cluster_problems
from preflight.volumes import claim_problems
from settings.loader import RawConfig, SettingsError, build_settings, load_sections
from settings.notifications import NotificationsSettings
from settings.stack import AlertsSettings, StackSettings


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
    loaded = load_sections(configuration)
    problems = list(loaded.problems)
    alerts, charts, cluster, changed = (
        loaded.sections.get(name) for name in ("alerts", "charts", "cluster", "dashboards")
    )
    catalogue = _catalogue(alerts, problems)
    if changed:
        problems += _of_settings(dashboards.find_override_problems(changed.boards))
    if charts:
        problems += chart_problems(charts.source, loaded.sections.get("environment"), project)
    if cluster:
        unreachable = cluster_problems(cluster.context)
        problems += unreachable or [
            *_existing_secret_problems(loaded.sections),
            *_volume_problems(cluster.context, loaded.sections),
        ]
    if problems or catalogue is None:
        return problems, None
    return [], _plan(build_settings(loaded), catalogue, project)


def _catalogue(alerts: AlertsSettings | None, problems: list[Problem]) -> StackCatalogue | None:
    """Return the stack's catalogue; without one, add why to `problems`."""
    try:
        catalogue = load()
    except CatalogueError as error:
        problems += error.problems
        return None
    problems += runbooks.find_problems(catalogue)
    if alerts is None:
        return None
    try:
        return for_stack(tunables=alerts.tunables, overrides=alerts.overrides, catalogue=catalogue)
    except CatalogueError as error:
        problems += _of_settings(error.problems)
        return None


def _of_settings(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems with their keys as they are in a stack file."""
    return [replace(problem, key=f"monitoring:{problem.key}") for problem in problems]


def _existing_secret_problems(sections: Mapping[str, Any]) -> list[Problem]:
    notifications: NotificationsSettings | None = sections.get("notifications")
    namespace = sections.get("namespace")
    if namespace is None or notifications is None or notifications.existing_secret is None:
        return []
    return existing_secret_problems(
        sections["cluster"].context, namespace, notifications.existing_secret, notifications.mounted_credentials
    )


def _volume_problems(context: str | None, sections: Mapping[str, Any]) -> list[Problem]:
    if not (namespace := sections.get("namespace")):
        return []
    planned = planned_claims(
        prometheus=sections.get("prometheus"),
        alertmanager=sections.get("alertmanager"),
        grafana=sections.get("grafana"),
    )
    return claim_problems(planned, existing_storage(context, namespace))


def _plan(settings: StackSettings, catalogue: StackCatalogue, project: Path) -> StackPlan:
    catalogue = catalogue.without(absence_alerts_of_disabled(settings))
    rules = catalogue.render(
        runbook_base=settings.links.runbooks,
        grafana_base=settings.links.grafana,
        link_variables=dashboards.link_variables(),
    )
    return StackPlan(
        settings=settings,
        rules=rules,
        boards=dashboards.render(
            rules,
            environment=settings.environment,
            tunables=catalogue.tunables,
            overrides=settings.dashboards.boards,
        ),
        runbooks=runbooks.render_for_stack(catalogue, rules),
        stand_ins=tuple(stand_ins(settings.charts.source, project)),
    )
