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
from catalogue.rule_files import read
from common.durations import is_duration
from common.problems import CatalogueError, Fault, suggestion
from common.project import RULES

__all__ = [
    "Alert",
    "Area",
    "Catalogue",
    "CatalogueError",
    "Fault",
    "Group",
    "Recording",
    "Tunable",
    "load",
    "override_faults",
    "render",
    "tunables_in_force",
    "version",
]

# The severity `none` is not to be had: it is the heartbeat's, and its route reaches no person.
OVERRIDE_SEVERITIES = ("critical", "warning", "info")


def load(folder: Path = RULES) -> Catalogue:
    """Read the rule file of every area and the tunables from a folder.

    Raises:
        CatalogueError: with every fault in the files.
    """
    catalogue, faults = read(folder)
    if faults:
        raise CatalogueError(faults)
    return catalogue


def override_faults(catalogue: Catalogue, tunables: Mapping[str, object], alerts: Mapping[str, object]) -> list[Fault]:
    """Return what is wrong with a stack's tunables (name to number) and its changes of alerts (name to fields)."""
    faults: list[Fault] = []
    for name, value in tunables.items():
        faults += _tunable_faults(catalogue, name, value)
    for name, fields in alerts.items():
        faults += _alert_faults(catalogue, name, fields)
    return faults


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
        CatalogueError: with every fault in the tunables and overrides.
    """
    if faults := override_faults(catalogue, tunables, overrides):
        raise CatalogueError(faults)
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
        expression = tunables.swap(rule.expression, self._tunables)
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
        path = panel_links.opening(text, self._choices.get(text, {})) if annotation == "dashboard_url" else text
        return f"{base.rstrip('/')}/{path.lstrip('/')}"


def _tunable_faults(catalogue: Catalogue, name: str, value: object) -> list[Fault]:
    key = f"alerts.tunables.{name}"
    tunable = catalogue.tunables.get(name)
    if tunable is None:
        return [_unknown(key, str(name), catalogue.tunables)]
    allowed = (
        f"a number from {tunables.written(tunable.minimum)} to {tunables.written(tunable.maximum)} ({tunable.unit})"
    )
    if is_number(value) and tunable.minimum <= value <= tunable.maximum:
        return []
    return [Fault(key, repr(value), allowed)]


def _alert_faults(catalogue: Catalogue, name: str, fields: object) -> list[Fault]:
    key = f"alerts.overrides.{name}"
    if name not in catalogue.alerts:
        return [_unknown(key, str(name), catalogue.alerts)]
    if not isinstance(fields, Mapping):
        return [Fault(key, repr(fields), f"a mapping of {', '.join(_FIELDS)}")]
    if catalogue.alerts[name].severity == "none":
        return [Fault(key, "a change", "no change of this alert: the dead man's switch listens to it")]
    faults: list[Fault] = []
    for field, value in fields.items():
        if field not in _FIELDS:
            faults.append(_unknown(f"{key}.{field}", str(field), _FIELDS))
            continue
        accepts, allowed = _FIELDS[field]
        if not accepts(value):
            faults.append(Fault(f"{key}.{field}", repr(value), allowed))
    return faults


_FIELDS = {
    "for": (is_duration, "a duration such as 30s, 5m or 1h30m"),
    "severity": (lambda value: value in OVERRIDE_SEVERITIES, ", ".join(OVERRIDE_SEVERITIES)),
    "enabled": (lambda value: isinstance(value, bool), "true, false"),
}


def _unknown(key: str, name: str, names: Mapping[str, object]) -> Fault:
    return Fault(key, "an unknown name", suggestion(name, names))
