"""Parsing and validation of the rule files."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from catalogue import tunables
from catalogue.model import (
    ALERT_LABELS,
    ALERT_NAME,
    AREAS,
    SEVERITIES,
    WAIT_FORMAT,
    Alert,
    Area,
    Catalogue,
    Group,
    Recording,
    Tunable,
    is_number,
    is_wait,
    slo_file,
)
from catalogue.panel_links import LINK_FORMAT, is_link
from catalogue.promql import promql_fault
from common.durations import is_duration, parse_duration
from common.problems import Problem
from common.yaml_files import InvalidFileError, parse_yaml, read_text

TUNABLES: Final = "tunables.yaml"
# Files in rules/ that hold no rules.
OTHER_FILES: Final = (TUNABLES, "slos.yaml", "metrics.yaml", "requirements.yaml")
ALERT_FIELDS: Final = ("alert", "expr", "for", "keep_firing_for", "labels", "annotations")
RECORDING_FIELDS: Final = ("record", "expr", "labels")
ANNOTATIONS: Final = ("summary", "description", "impact", "action", "runbook_url", "dashboard_url")
# Maximum number of rules per group.
MAX_RULES: Final = 20

_METRIC_NAME: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,199}")
_LABEL_NAME: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,127}")
_NO_TEXTS: Final[Mapping[str, str]] = MappingProxyType({})
# In seconds.
_SHORTEST_INTERVAL: Final = 5
_LONGEST_INTERVAL: Final = 60 * 60


def _nothing(_: object) -> bool:
    return False


def _is_interval(value: object) -> bool:
    return is_duration(value) and _SHORTEST_INTERVAL <= parse_duration(str(value)) <= _LONGEST_INTERVAL


# Settings of a group, each with its allowed values.
_GROUP_SETTINGS: Final[Mapping[str, tuple[str, Callable[[object], bool]]]] = {
    "interval": ("a duration from 5s to 1h", _is_interval),
    "limit": (
        "a whole number from 1 to 100000",
        lambda value: isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 100_000,
    ),
}
_TUNABLE_FIELDS: Final = ("unit", "minimum", "maximum", "purpose")


def read_rule_files(folder: Path) -> tuple[Catalogue, list[Problem]]:
    """Parse the rule files of a folder.

    Return the valid part of the catalogue, and all problems.
    """
    reader = _Reader()
    known = (*(f"{area}.yaml" for area in AREAS), *map(slo_file, AREAS), *OTHER_FILES)
    for path in sorted(folder.glob("*.y*ml")):
        if path.name not in known:
            reader.problem(path.name, "an unknown file", ", ".join(known))
    files = {
        area: [path for name in (f"{area}.yaml", slo_file(area)) if (path := folder / name).exists()] for area in AREAS
    }
    areas = tuple(reader.area(area, paths) for area, paths in files.items() if paths)
    tunables = reader.tunables(folder / TUNABLES)
    return Catalogue(areas, MappingProxyType(reader.alerts), MappingProxyType(tunables)), reader.problems


class _Reader:
    """Parser of one folder; it remembers names to detect duplicates."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.alerts: dict[str, Alert] = {}
        self._groups: set[str] = set()
        self._defaults: dict[str, tunables.Marker] = {}

    def problem(self, key: str, found: str, allowed: str) -> None:
        self.problems.append(Problem(key, found, allowed))

    def area(self, name: str, paths: Sequence[Path]) -> Area:
        """Parse the rule files of an area."""
        return Area(name, tuple(group for path in paths for group in self._groups_of(name, path)))

    def _groups_of(self, area: str, path: Path) -> tuple[Group, ...]:
        content, text = self._mapping(path)
        if content is None:
            return ()
        groups = content.get("groups")
        if not isinstance(groups, list) or set(content) != {"groups"}:
            self.problem(path.name, ", ".join(map(str, content)) or "nothing", "exactly one key, `groups`, with a list")
            groups = []
        parsed = tuple(self._group(area, path.name, group) for group in groups if self._is_group(path, group))
        self._find_stray_markers(path.name, text, parsed)
        return parsed

    def tunables(self, path: Path) -> dict[str, Tunable]:
        """Parse units and ranges of the tunables; their defaults come from the rules."""
        described = self._mapping(path)[0] if path.exists() else {}
        if described is None:
            return {}
        tunables: dict[str, Tunable] = {}
        for name in sorted({*described, *self._defaults}, key=str):
            key = f"{path.name}: {name}"
            if name not in described:
                self.problem(
                    key, "no entry", f"an entry with {', '.join(_TUNABLE_FIELDS)}, because a rule uses this tunable"
                )
            elif name not in self._defaults:
                self.problem(key, "an entry that no rule uses", "only tunables that a rule uses")
            elif tunable := self._tunable(key, name, described[name]):
                tunables[name] = tunable
        return tunables

    def _mapping(self, path: Path) -> tuple[dict[str, Any] | None, str]:
        """Return a file's content, None if it cannot be read, and its text."""
        try:
            text = read_text(path)
            content = parse_yaml(text)
        except InvalidFileError as error:
            self.problem(path.name, error.found, error.allowed)
            return None, ""
        return content if isinstance(content, dict) else {}, text

    def _is_group(self, path: Path, group: object) -> bool:
        if isinstance(group, dict) and isinstance(group.get("name"), str) and isinstance(group.get("rules"), list):
            return True
        self.problem(path.name, repr(group)[:60], "a group with `name` and a list `rules`")
        return False

    def _group(self, area: str, file: str, group: dict[str, Any]) -> Group:
        name = group["name"]
        key = f"{file}: {name}"
        if not re.fullmatch(rf"{area}\.[a-z0-9-]+", name):
            self.problem(key, name, f"a name such as {area}.topic")
        if name in self._groups:
            self.problem(key, "a duplicate group name", "a unique group name")
        self._groups.add(name)
        if len(group["rules"]) > MAX_RULES:
            self.problem(key, f"{len(group['rules'])} rules", f"at most {MAX_RULES} rules per group")
        rules = tuple(parsed for rule in group["rules"] if (parsed := self._rule(area, file, key, rule)))
        settings = {name: value for name, value in group.items() if name not in ("name", "rules")}
        for field, value in settings.items():
            allowed, accepts = _GROUP_SETTINGS.get(field, (f"name, rules, {', '.join(_GROUP_SETTINGS)}", _nothing))
            if not accepts(value):
                self.problem(f"{key}.{field}", repr(value), allowed)
        return Group(name, MappingProxyType(settings), rules)

    def _rule(self, area: str, file: str, key: str, rule: object) -> Alert | Recording | None:
        name = (rule.get("alert") or rule.get("record")) if isinstance(rule, dict) else None
        if not isinstance(rule, dict) or not isinstance(name, str) or not isinstance(rule.get("expr"), str):
            self.problem(key, repr(rule)[:60], "a rule with `alert` or `record`, and `expr`")
            return None
        key = f"{file}: {name}"
        # Rendering drops fields that the model does not know.
        allowed = RECORDING_FIELDS if "record" in rule else ALERT_FIELDS
        for field in sorted(set(map(str, rule)) - set(allowed)):
            self.problem(f"{key}.{field}", "an unknown field", ", ".join(allowed))
        if "record" in rule and not _METRIC_NAME.fullmatch(name):
            self.problem(key, name, "the name of a metric: letters, digits, _ and :")
        tunables = self._expression(key, rule["expr"])
        labels = self._texts(f"{key}.labels", rule.get("labels", {}))
        if "record" in rule:
            return Recording(name, rule["expr"], labels)
        annotations = self._texts(f"{key}.annotations", rule.get("annotations", {}))
        alert = Alert(
            name, area, rule["expr"], rule.get("for"), labels, annotations, tunables, rule.get("keep_firing_for")
        )
        if name in self.alerts:
            self.problem(
                key,
                f"a duplicate alert name, first used in {self.alerts[name].area}.yaml",
                "a unique alert name",
            )
        self.alerts[name] = alert
        self._check_alert(key, alert)
        return alert

    def _texts(self, key: str, values: object) -> Mapping[str, str]:
        if not isinstance(values, dict):
            self.problem(key, repr(values), "a mapping of names to strings")
            return _NO_TEXTS
        texts = {str(name): value for name, value in values.items()}
        for name, value in texts.items():
            if not _LABEL_NAME.fullmatch(name):
                self.problem(f"{key}.{name}", "an invalid name", "a name of letters, digits and _")
            elif not isinstance(value, str) or not value.strip():
                self.problem(f"{key}.{name}", repr(value), "a non-empty string")
        return MappingProxyType({name: value for name, value in texts.items() if isinstance(value, str)})

    def _expression(self, key: str, expression: str) -> tuple[str, ...]:
        found, malformed = tunables.find_markers(expression)
        for line in malformed:
            self.problem(f"{key}.expr", f"the line `{line}`", tunables.MARKER_FORMAT)
        for marker in found:
            first = self._defaults.setdefault(marker.name, marker)
            if float(first.number) != float(marker.number):
                self.problem(
                    f"{key}.expr",
                    f"{marker.number} for {marker.name}",
                    f"{first.number}, the default where it is first used",
                )
        if fault := promql_fault(expression):
            self.problem(f"{key}.expr", fault, "a valid PromQL expression")
        return tuple(marker.name for marker in found)

    def _check_alert(self, key: str, alert: Alert) -> None:
        if not ALERT_NAME.fullmatch(alert.name):
            self.problem(key, alert.name, "a name such as SubjectCondition")
        for kind, names, values in (
            ("labels", ALERT_LABELS, alert.labels),
            ("annotations", ANNOTATIONS, alert.annotations),
        ):
            for name in names:
                if name not in values:
                    self.problem(f"{key}.{kind}.{name}", "no value", f"each of {', '.join(names)}")
        allowed: tuple[tuple[str, Mapping[str, str], Callable[[str], bool], str], ...] = (
            ("labels.severity", alert.labels, lambda value: value in SEVERITIES, ", ".join(SEVERITIES)),
            ("labels.area", alert.labels, lambda value: value == alert.area, alert.area),
            (
                "annotations.runbook_url",
                alert.annotations,
                lambda value: value == f"runbooks/{alert.name}.md",
                f"runbooks/{alert.name}.md",
            ),
            ("annotations.dashboard_url", alert.annotations, is_link, LINK_FORMAT),
        )
        for field, values, accepts, text in allowed:
            value = values.get(field.partition(".")[2])
            if value is not None and not accepts(value):
                self.problem(f"{key}.{field}", value, text)
        for field, value in (("for", alert.duration), ("keep_firing_for", alert.keep_firing_for)):
            if value is not None and not is_wait(value):
                self.problem(f"{key}.{field}", repr(value), WAIT_FORMAT)

    def _find_stray_markers(self, file: str, text: str, groups: Sequence[Group]) -> None:
        """Find markers that are YAML comments because they are not in a block scalar."""
        expressions = [rule.expression for group in groups for rule in group.rules]
        in_expressions = Counter(name for expression in expressions for name in tunables.names_in_file(expression))
        for name in (Counter(tunables.names_in_file(text)) - in_expressions).elements():
            self.problem(
                file, f"the marker of {name} outside an expression", "a marker inside a block scalar (`expr: |`)"
            )

    def _tunable(self, key: str, name: str, fields: object) -> Tunable | None:
        if not isinstance(fields, dict) or set(fields) != set(_TUNABLE_FIELDS):
            self.problem(key, repr(fields), f"exactly {', '.join(_TUNABLE_FIELDS)}")
            return None
        before = len(self.problems)
        for field in ("unit", "purpose"):
            if not isinstance(fields[field], str) or not fields[field].strip():
                self.problem(f"{key}.{field}", repr(fields[field]), "a non-empty string")
        for field in ("minimum", "maximum"):
            if not is_number(fields[field]) or fields[field] < 0:
                self.problem(f"{key}.{field}", repr(fields[field]), "a number of at least 0")
        default = self._defaults[name].number
        if len(self.problems) == before and not fields["minimum"] <= float(default) <= fields["maximum"]:
            self.problem(key, f"the default {default}", f"a default from {fields['minimum']} to {fields['maximum']}")
        if len(self.problems) > before:
            return None
        return Tunable(name, float(default), fields["unit"], fields["minimum"], fields["maximum"], fields["purpose"])
