"""Plan of a stack: its checked settings, rules and boards, prepared before any resource is registered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from catalogue import runbooks
from catalogue.loader import load
from catalogue.stack import StackCatalogue, for_stack
from common.exporters import KUBE_STATE_METRICS
from common.problems import CatalogueError, Problem
from common.secrets import GRAFANA_ADMIN, GRAFANA_FILES
from dashboards import runbooks as runbook_boards
from dashboards import stack as dashboards
from manifests import artifacts
from manifests.alert_overrides import absence_alerts_of_disabled
from manifests.cluster_objects import kube_state_metrics_name, operator_name
from manifests.platform import monitored_platform
from manifests.volume_claims import planned_claims
from preflight.adoption import Adoption, decide_adoption, read_state
from preflight.charts import chart_problems, comparison_notes, stand_ins
from preflight.cluster_storage import existing_storage
from preflight.generated_secrets import GeneratedSecrets, read_generated
from preflight.reachability import cluster_problems
from preflight.rendered_files import missing_tools, rendered_problems
from preflight.secrets import required_keys, secret_problems
from preflight.volumes import claim_problems
from routing.routes import alertmanager_configuration
from routing.templates import templates
from settings.loader import LoadResult, RawConfig, SettingsError, build_settings, load_sections
from settings.stack import AlertsSettings, StackSettings


@dataclass(frozen=True, kw_only=True)
class StackPlan:
    """Input of the program: checked settings, rules and runbooks by area, boards by uid, stand-in charts.

    Attributes:
        settings: Checked settings.
        rules: Rule file of each area.
        boards: JSON of each board by uid.
        runbooks: Text of each runbook by file name, by area.
        stand_ins: Names of the stand-in charts.
        notes: What the preview says about its own checks.
        adoption: What the stack owns in its cluster, with notes for the preview.
        generated: Values that an earlier deployment generated, by key, by Secret.
    """

    settings: StackSettings
    rules: Mapping[str, Mapping[str, Any]]
    boards: Mapping[str, str]
    runbooks: Mapping[str, Mapping[str, str]]
    stand_ins: tuple[str, ...]
    adoption: Adoption
    generated: GeneratedSecrets = field(default_factory=dict, repr=False)
    notes: tuple[str, ...] = ()


def prepare_stack(configuration: RawConfig, project: Path, previous: Mapping[str, Any] | None = None) -> StackPlan:
    """Return the plan of a stack.

    `previous` is the outputs of its last deployment; empty before the first, None if they are unknown. Raises
    SettingsError with every problem of settings, catalogue, charts and cluster.
    """
    checked, is_reachable = _check_stack(configuration, project)
    problems, settings, adoption = list(checked.problems), checked.settings, None
    generated: GeneratedSecrets = {}
    if settings is not None and is_reachable:
        adoption = decide_adoption(settings, read_state(settings), previous, stack=configuration.stack)
        problems += adoption.problems
        if settings.grafana.enabled:
            generated, generated_problems = read_generated(
                settings.cluster.context,
                settings.namespace,
                [GRAFANA_FILES] if settings.grafana.admin_secret else [GRAFANA_ADMIN, GRAFANA_FILES],
                adopted=settings.namespace in adoption.adopted_namespaces,
            )
            problems += generated_problems
    if problems or settings is None or checked.catalogue is None or checked.rules is None or adoption is None:
        raise SettingsError(configuration.stack, problems)
    return _build_plan(settings, checked.catalogue, checked.rules, adoption, generated, project)


def stack_problems(configuration: RawConfig, project: Path) -> list[Problem]:
    """Return the problems that `prepare_stack` would raise, except conflicts with others in the cluster.

    Those depend on the outputs of the last deployment, which only the engine knows.
    """
    return list(_check_stack(configuration, project)[0].problems)


@dataclass(frozen=True, kw_only=True)
class CheckedSettings:
    """Settings with everything that follows from them alone.

    Attributes:
        loaded: Valid sections.
        settings: Settings of the stack; None if a section is invalid.
        catalogue: The stack's catalogue; None if it cannot be loaded.
        rules: Rendered rule file of each area; None after a problem.
        problems: Problems of all of these.
    """

    loaded: LoadResult
    settings: StackSettings | None
    catalogue: StackCatalogue | None
    rules: Mapping[str, Mapping[str, Any]] | None
    problems: tuple[Problem, ...]


def check_settings(configuration: RawConfig) -> CheckedSettings:
    """Check everything that needs neither charts nor cluster, and the files rendered from it."""
    loaded = load_sections(configuration)
    problems = list(loaded.problems)
    settings = None if problems else build_settings(loaded)
    board_settings = loaded.sections.get("dashboards")
    catalogue, catalogue_problems = _check_catalogue(loaded.sections.get("alerts"))
    problems += catalogue_problems
    if board_settings:
        problems += _with_config_prefix(dashboards.find_override_problems(board_settings.boards))
    rules = None
    if not problems and settings is not None and catalogue is not None:
        rules = render_rules(settings, catalogue)
        problems += _rendered_problems(settings, rules)
    return CheckedSettings(loaded=loaded, settings=settings, catalogue=catalogue, rules=rules, problems=tuple(problems))


def _check_stack(configuration: RawConfig, project: Path) -> tuple[CheckedSettings, bool]:
    """Return the checked settings, with the problems of charts and cluster, and whether the cluster is reachable."""
    checked = check_settings(configuration)
    sections, problems = checked.loaded.sections, list(checked.problems)
    charts, cluster = sections.get("charts"), sections.get("cluster")
    lock_problems = _lock_problems()
    problems += lock_problems
    if charts and not lock_problems:
        problems += chart_problems(charts.source, sections.get("environment"), project)
    unreachable: list[Problem] = []
    if cluster:
        unreachable = cluster_problems(cluster.context)
        problems += unreachable or [
            *_secret_problems(cluster.context, sections),
            *_volume_problems(cluster.context, sections),
        ]
    return replace(checked, problems=tuple(problems)), not unreachable


def _lock_problems() -> list[Problem]:
    try:
        artifacts.recorded()
    except CatalogueError as error:
        return list(error.problems)
    return []


def _check_catalogue(alerts: AlertsSettings | None) -> tuple[StackCatalogue | None, list[Problem]]:
    """Return the stack's catalogue, None if it cannot be loaded, and the problems of the catalogue."""
    try:
        catalogue = load()
    except CatalogueError as error:
        return None, list(error.problems)
    problems = list(runbooks.find_problems(catalogue))
    if alerts is None:
        return None, problems
    try:
        return for_stack(tunables=alerts.tunables, overrides=alerts.overrides, catalogue=catalogue), problems
    except CatalogueError as error:
        return None, [*problems, *_with_config_prefix(error.problems)]


def _rendered_problems(settings: StackSettings, rules: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
    try:
        template_files = templates()
    except CatalogueError as error:
        return list(error.problems)
    configuration = alertmanager_configuration(settings.notifications, settings.links)
    return rendered_problems(rules, configuration, template_files)


def _with_config_prefix(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems with their keys as in a stack file."""
    return [replace(problem, key=f"monitoring:{problem.key}") for problem in problems]


def _secret_problems(context: str | None, sections: Mapping[str, Any]) -> list[Problem]:
    if not (namespace := sections.get("namespace")):
        return []
    return secret_problems(context, namespace, required_keys(sections))


def _volume_problems(context: str | None, sections: Mapping[str, Any]) -> list[Problem]:
    if not (namespace := sections.get("namespace")):
        return []
    planned = planned_claims(
        prometheus=sections.get("prometheus"),
        alertmanager=sections.get("alertmanager"),
        grafana=sections.get("grafana"),
    )
    return claim_problems(planned, existing_storage(context, namespace))


def render_rules(settings: StackSettings, catalogue: StackCatalogue) -> dict[str, dict[str, Any]]:
    """Return the rule file of each area as the stack deploys it."""
    return catalogue.without(absence_alerts_of_disabled(settings)).render(
        runbook_base=settings.links.runbook_base,
        grafana_base=settings.links.grafana,
        link_variables=dashboards.link_variables(),
        runbook_paths=runbook_boards.paths(catalogue.catalogue.areas) if settings.links.runbooks_in_grafana else {},
        platform=monitored_platform(settings),
        result_limit=settings.prometheus.rule_results,
    )


def render_runbooks(
    settings: StackSettings, catalogue: StackCatalogue, rules: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, str]]:
    """Return the text of each runbook by file name, by area, as the stack deploys it."""
    names = {
        "prometheus-operator": operator_name(settings),
        KUBE_STATE_METRICS.name: kube_state_metrics_name(settings),
    }
    return runbooks.render_for_stack(catalogue, rules, namespace=settings.namespace, names=names)


def render_boards(
    settings: StackSettings, catalogue: StackCatalogue, rules: Mapping[str, Mapping[str, Any]]
) -> dict[str, str]:
    """Return each board as JSON by uid, as the stack deploys it."""
    boards = dashboards.render(
        rules,
        environment=settings.environment,
        tunables=catalogue.tunables,
        overrides=settings.dashboards.boards,
    )
    if settings.links.runbooks_in_grafana:
        boards |= runbook_boards.render(render_runbooks(settings, catalogue, rules))
    return boards


def _build_plan(
    settings: StackSettings,
    catalogue: StackCatalogue,
    rules: Mapping[str, Mapping[str, Any]],
    adoption: Adoption,
    generated: GeneratedSecrets,
    project: Path,
) -> StackPlan:
    return StackPlan(
        settings=settings,
        rules=rules,
        boards=render_boards(settings, catalogue, rules),
        runbooks=render_runbooks(settings, catalogue, rules),
        stand_ins=tuple(stand_ins(settings.charts.source, project)),
        adoption=adoption,
        generated=generated,
        notes=(
            *comparison_notes(settings.charts.source),
            *(
                f"{tool} is not on PATH, so this preview does not check the rendered files with it"
                for tool in missing_tools()
            ),
        ),
    )
