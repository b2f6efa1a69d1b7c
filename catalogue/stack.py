"""The alerting catalogue of one stack: checked once, then rendered."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

import promql_parser

from catalogue.loader import load
from catalogue.model import WAIT_FORMAT, Alert, Catalogue, Group, Recording, is_number, is_wait
from catalogue.panel_links import panel_link
from catalogue.platform import CATALOGUE_LABEL, Platform
from catalogue.tunables import apply_tunables, format_number
from common.problems import CatalogueError, Problem, suggestion

# The severity `none` is reserved for the heartbeat, and its route notifies no person.
OVERRIDE_SEVERITIES: Final = ("critical", "warning", "info")

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class StackCatalogue:
    """The catalogue with the numbers and overrides of one stack; `for_stack` makes it, and has checked both.

    Attributes:
        catalogue: The rules with their defaults.
        tunables: Every tunable by name, with the number that holds in this stack.
        overrides: Changed fields (`for`, `keep_firing_for`, `severity`, `enabled`) by the alert's name.
    """

    catalogue: Catalogue
    tunables: Mapping[str, float]
    overrides: Mapping[str, Mapping[str, Any]]

    def without(self, alerts: Iterable[str]) -> "StackCatalogue":
        """Return the same catalogue with these alerts disabled."""
        disabled = {name: {**self.overrides.get(name, {}), "enabled": False} for name in alerts}
        return replace(self, overrides={**self.overrides, **disabled})

    def render(
        self,
        *,
        runbook_base: str,
        grafana_base: str,
        link_variables: Mapping[str, Mapping[str, str]] = _NOTHING,
        runbook_paths: Mapping[str, str] = _NOTHING,
        platform: Platform | None = None,
        result_limit: int | None = None,
    ) -> dict[str, dict[str, Any]]:
        """Return the rule file of each area as a plain mapping, in the catalogue's order.

        A disabled alert is left out, and so is a group or an area without any rule left. `link_variables` holds, for
        each link to a panel, the dashboard variables that an alert's labels fill: the variable's name to the label.
        `runbook_paths` holds the path of a runbook where it is not that of the repository.
        With the platform of a stack, the rules read application metrics only from its services, alerts belong to the
        teams of its services, and areas record what the settings say: which targets are expected and which days
        excluded, what the alerts of databases exclude, and how large a scrape may be. A rule with more than
        `result_limit` results fails, which has an alert.
        """
        links = _Links({"runbook_url": runbook_base, "dashboard_url": grafana_base}, link_variables, runbook_paths)
        areas = {
            area.name: [group for each in area.groups if (group := self._group(each, links, platform))["rules"]]
            for area in self.catalogue.areas
        }
        if platform and platform.targets:
            areas["availability"] = [platform.expected_targets(), *areas.get("availability", ())]
        if platform and platform.body_size_limits:
            areas["monitoring"] = [platform.scrape_limits(), *areas.get("monitoring", ())]
        if platform and platform.exclusions:
            areas["database"] = [platform.recorded_exclusions(), *areas.get("database", ())]
        if platform and platform.excluded_days:
            areas["availability"] = [platform.calendar(), *areas.get("availability", ())]
        limit = {"limit": result_limit} if result_limit else {}
        return {name: {"groups": [{**each, **limit} for each in groups]} for name, groups in areas.items() if groups}

    def _group(self, group: Group, links: "_Links", platform: Platform | None) -> dict[str, Any]:
        rules = [self._rule(rule, links, platform) for rule in group.rules if self._is_enabled(rule)]
        return {"name": group.name, **group.settings, "rules": rules}

    def _is_enabled(self, rule: Alert | Recording) -> bool:
        return isinstance(rule, Recording) or bool(self.overrides.get(rule.name, {}).get("enabled", True))

    def _rule(self, rule: Alert | Recording, links: "_Links", platform: Platform | None) -> dict[str, Any]:
        expression = apply_tunables(rule.expression, self.tunables)
        if platform:
            expression = platform.restrict(expression)
        promql_parser.parse(expression)
        if isinstance(rule, Recording):
            return {"record": rule.name, "expr": expression} | ({"labels": dict(rule.labels)} if rule.labels else {})
        fields = self.overrides.get(rule.name, {})
        times = {
            "for": fields.get("for", rule.duration),
            "keep_firing_for": fields.get("keep_firing_for", rule.keep_firing_for),
        }
        marker, value = CATALOGUE_LABEL
        labels = {**rule.labels, "severity": fields.get("severity", rule.severity), marker: value}
        # Where the rule does not set the service, it comes from the series, and so does the team.
        if platform and "service" not in rule.labels:
            labels["team"] = platform.team_label(rule.labels["team"])
        return {
            "alert": rule.name,
            "expr": expression,
            **{name: duration for name, duration in times.items() if duration is not None},
            "labels": labels,
            "annotations": {name: links.resolve(name, text) for name, text in rule.annotations.items()},
        }


def for_stack(
    *,
    tunables: Mapping[str, Any] = _NOTHING,
    overrides: Mapping[str, Any] = _NOTHING,
    catalogue: Catalogue | None = None,
) -> StackCatalogue:
    """Return the catalogue, by default the project's, with a stack's tunables and overrides.

    Raises:
        CatalogueError: with every problem in the rule files or, if there is none, in the tunables and overrides.
    """
    catalogue = catalogue or load()
    problems = [
        problem
        for found in (
            *(_tunable_problems(catalogue, name, value) for name, value in tunables.items()),
            *(_override_problems(catalogue, name, fields) for name, fields in overrides.items()),
        )
        for problem in found
    ]
    if problems:
        raise CatalogueError(problems)
    in_force = {name: tunables.get(name, tunable.default) for name, tunable in catalogue.tunables.items()}
    return StackCatalogue(catalogue=catalogue, tunables=in_force, overrides=overrides)


def rule_name(area: str) -> str:
    """Return the name of the PrometheusRule with the rules of an area."""
    return f"alerts-{area}"


def version(rules: Mapping[str, Mapping[str, Any]]) -> str:
    """Return twelve characters of a SHA-256 that change whenever anything in a stack's rendered rules does."""
    return hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class _Links:
    """Base addresses by annotation, the variables that fill each link to a panel, and paths of runbooks."""

    bases: Mapping[str, str]
    variables: Mapping[str, Mapping[str, str]]
    runbook_paths: Mapping[str, str]

    def resolve(self, annotation: str, text: str) -> str:
        """Return an annotation's text; of a link, the whole address."""
        base = self.bases.get(annotation)
        if base is None:
            return text
        is_panel = annotation == "dashboard_url"
        path = panel_link(text, self.variables.get(text, {})) if is_panel else self.runbook_paths.get(text, text)
        return f"{base.rstrip('/')}/{path.lstrip('/')}"


def _tunable_problems(catalogue: Catalogue, name: str, value: object) -> list[Problem]:
    key = f"alerts.tunables.{name}"
    tunable = catalogue.tunables.get(name)
    if tunable is None:
        return [_unknown(key, str(name), catalogue.tunables)]
    if is_number(value) and tunable.minimum <= value <= tunable.maximum:
        return []
    lowest, highest = format_number(tunable.minimum), format_number(tunable.maximum)
    return [Problem(key, repr(value), f"a number from {lowest} to {highest} ({tunable.unit})")]


def _override_problems(catalogue: Catalogue, name: str, fields: object) -> list[Problem]:
    key = f"alerts.overrides.{name}"
    if name not in catalogue.alerts:
        return [_unknown(key, str(name), catalogue.alerts)]
    if not isinstance(fields, Mapping):
        return [Problem(key, repr(fields), f"a mapping of {', '.join(_FIELDS)}")]
    if catalogue.alerts[name].severity == "none":
        return [Problem(key, "an override", "no override of this alert: the dead man's switch depends on it")]
    problems: list[Problem] = []
    for field, value in fields.items():
        if field not in _FIELDS:
            problems.append(_unknown(f"{key}.{field}", str(field), _FIELDS))
            continue
        accepts, allowed = _FIELDS[field]
        if not accepts(value):
            problems.append(Problem(f"{key}.{field}", repr(value), allowed))
    return problems


_FIELDS: Final = {
    "for": (is_wait, WAIT_FORMAT),
    "keep_firing_for": (is_wait, WAIT_FORMAT),
    "severity": (lambda value: value in OVERRIDE_SEVERITIES, ", ".join(OVERRIDE_SEVERITIES)),
    "enabled": (lambda value: isinstance(value, bool), "true, false"),
}


def _unknown(key: str, name: str, names: Mapping[str, object]) -> Problem:
    return Problem(key, "an unknown name", suggestion(name, names))
