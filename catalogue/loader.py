"""The alerting catalogue for a program that deploys it: load, check a stack's overrides, render."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import promql_parser

from catalogue import panel_links, tunables
from catalogue.model import Alert, Area, Catalogue, Group, Recording, Tunable, is_number
from catalogue.rule_files import read_rule_files
from common.durations import is_duration
from common.problems import CatalogueError, Problem, suggestion
from common.project import RULES

__all__ = [
    "Alert",
    "Area",
    "Catalogue",
    "CatalogueError",
    "Group",
    "Problem",
    "Recording",
    "Tunable",
    "load",
    "override_problems",
    "render",
    "tunables_in_force",
    "version",
]

# The severity `none` is not to be had: it is the heartbeat's, and its route reaches no person.
OVERRIDE_SEVERITIES = ("critical", "warning", "info")


def load(folder: Path = RULES) -> Catalogue:
    """Read the rule file of every area and the tunables from a folder.

    Raises:
        CatalogueError: with every problem in the files.
    """
    catalogue, problems = read_rule_files(folder)
    if problems:
        raise CatalogueError(problems)
    return catalogue


def override_problems(
    catalogue: Catalogue, tunables: Mapping[str, object], alerts: Mapping[str, object]
) -> list[Problem]:
    """Return what is wrong with a stack's tunables (name to number) and its changes of alerts (name to fields)."""
    problems: list[Problem] = []
    for name, value in tunables.items():
        problems += _tunable_problems(catalogue, name, value)
    for name, fields in alerts.items():
        problems += _alert_problems(catalogue, name, fields)
    return problems


def render(
    catalogue: Catalogue,
    *,
    tunables: Mapping[str, object],
    overrides: Mapping[str, object],
    runbook_base: str,
    grafana_base: str,
    choices: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> dict[str, dict[str, Any]]:
    """Return the rule file of each area for one stack, as a plain mapping in the catalogue's order.

    An alert that the stack disables is left out, and so is a group or an area without any rule left. `choices` are, for
    each link to a panel, what labels make of its board's choices: the choice by name to the label.

    Raises:
        CatalogueError: with every problem in the tunables and overrides.
    """
    if problems := override_problems(catalogue, tunables, overrides):
        raise CatalogueError(problems)
    stack = _Stack(tunables, overrides, runbook_base, grafana_base, choices)
    areas = {
        area.name: [group for each in area.groups if (group := stack.group(each))["rules"]] for area in catalogue.areas
    }
    return {name: {"groups": groups} for name, groups in areas.items() if groups}


def tunables_in_force(catalogue: Catalogue, tunables: Mapping[str, float]) -> dict[str, float]:
    """Return every number that a stack may change, as this stack, whose tunables have been checked, has it."""
    return {name: tunables.get(name, tunable.default) for name, tunable in catalogue.tunables.items()}


def version(rules: Mapping[str, Mapping[str, Any]]) -> str:
    """Twelve characters, the start of a SHA-256: others whenever anything in a stack's rendered rules is another."""
    return hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()[:12]


class _Stack:
    """What one stack says of the rules; its numbers and fields have been checked."""

    def __init__(
        self,
        tunables: Mapping[str, Any],
        overrides: Mapping[str, Any],
        runbook_base: str,
        grafana_base: str,
        choices: Mapping[str, Mapping[str, str]],
    ) -> None:
        self._tunables = tunables
        self._overrides = overrides
        self._bases = {"runbook_url": runbook_base, "dashboard_url": grafana_base}
        self._choices = choices

    def group(self, group: Group) -> dict[str, Any]:
        """Return a group as a rule file has it, without the alerts that the stack disables."""
        rules = [self._rule(rule) for rule in group.rules if self._enabled(rule)]
        return {"name": group.name, **group.settings, "rules": rules}

    def _enabled(self, rule: Alert | Recording) -> bool:
        return isinstance(rule, Recording) or bool(self._overrides.get(rule.name, {}).get("enabled", True))

    def _rule(self, rule: Alert | Recording) -> dict[str, Any]:
        expression = tunables.apply_tunables(rule.expression, self._tunables)
        promql_parser.parse(expression)
        if isinstance(rule, Recording):
            return {"record": rule.name, "expr": expression} | ({"labels": dict(rule.labels)} if rule.labels else {})
        fields = self._overrides.get(rule.name, {})
        duration = fields.get("for", rule.duration)
        return {
            "alert": rule.name,
            "expr": expression,
            **({"for": duration} if duration is not None else {}),
            "labels": {**rule.labels, "severity": fields.get("severity", rule.severity)},
            "annotations": {name: self._address(name, text) for name, text in rule.annotations.items()},
        }

    def _address(self, annotation: str, text: str) -> str:
        base = self._bases.get(annotation)
        if base is None:
            return text
        path = panel_links.panel_link(text, self._choices.get(text, {})) if annotation == "dashboard_url" else text
        return f"{base.rstrip('/')}/{path.lstrip('/')}"


def _tunable_problems(catalogue: Catalogue, name: str, value: object) -> list[Problem]:
    key = f"alerts.tunables.{name}"
    tunable = catalogue.tunables.get(name)
    if tunable is None:
        return [_unknown(key, str(name), catalogue.tunables)]
    lowest, highest = map(tunables.format_number, (tunable.minimum, tunable.maximum))
    allowed = f"a number from {lowest} to {highest} ({tunable.unit})"
    if is_number(value) and tunable.minimum <= value <= tunable.maximum:
        return []
    return [Problem(key, repr(value), allowed)]


def _alert_problems(catalogue: Catalogue, name: str, fields: object) -> list[Problem]:
    key = f"alerts.overrides.{name}"
    if name not in catalogue.alerts:
        return [_unknown(key, str(name), catalogue.alerts)]
    if not isinstance(fields, Mapping):
        return [Problem(key, repr(fields), f"a mapping of {', '.join(_FIELDS)}")]
    if catalogue.alerts[name].severity == "none":
        return [Problem(key, "a change", "no change of this alert: the dead man's switch listens to it")]
    problems: list[Problem] = []
    for field, value in fields.items():
        if field not in _FIELDS:
            problems.append(_unknown(f"{key}.{field}", str(field), _FIELDS))
            continue
        accepts, allowed = _FIELDS[field]
        if not accepts(value):
            problems.append(Problem(f"{key}.{field}", repr(value), allowed))
    return problems


_FIELDS = {
    "for": (is_duration, "a duration such as 30s, 5m or 1h30m"),
    "severity": (lambda value: value in OVERRIDE_SEVERITIES, ", ".join(OVERRIDE_SEVERITIES)),
    "enabled": (lambda value: isinstance(value, bool), "true, false"),
}


def _unknown(key: str, name: str, names: Mapping[str, object]) -> Problem:
    return Problem(key, "an unknown name", suggestion(name, names))
