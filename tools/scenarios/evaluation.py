"""Evaluation of rules over a scenario by promtool: which alerts fire at which time."""

from __future__ import annotations

import ast
import functools
import json
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import promql_parser

from catalogue.promql import selectors
from common.durations import parse_duration
from local.tools.toolset import binary
from tools.scenarios.model import Scenario

# A group of rules, as in a rule file.
Group = Mapping[str, Any]

_CHECK: Final = re.compile(r"alertname: (?P<alert>.+), time: (?P<time>\w+), ")
_LABELS: Final = re.compile(r"^\s+Labels:{(?P<labels>.*)}$")
_ANNOTATIONS: Final = re.compile(r"^\s+Annotations:{(?P<annotations>.*)},?$")
_PAIR: Final = re.compile(r'"?(?P<name>[^\s=",]+)"?=(?P<value>"(?:[^"\\]|\\.)*")')
_WINDOW: Final = re.compile(r"\[([0-9smhdwy]+)[:\]]")
# Functions that have a value without any series.
_ABSENCE: Final = ("absent(", "absent_over_time(", "vector(")


class EvaluationError(Exception):
    """Promtool could not evaluate the rules of a scenario."""


@dataclass(frozen=True)
class FiringAlert:
    """A firing alert at one time."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]

    @property
    def key(self) -> frozenset[tuple[str, str]]:
        """The labels, which identify an alert."""
        return frozenset(self.labels.items())


@dataclass(frozen=True)
class Timeline:
    """Firing alerts by the second of each evaluation."""

    firing: Mapping[int, Sequence[FiringAlert]]

    @property
    def changes(self) -> list[tuple[int, Sequence[FiringAlert]]]:
        """Each time at which other alerts fire than before, with the alerts that fire from then on."""
        found: list[tuple[int, Sequence[FiringAlert]]] = []
        last: set[frozenset[tuple[str, str]]] = set()
        for moment, alerts in sorted(self.firing.items()):
            keys = {alert.key for alert in alerts}
            if keys != last:
                found.append((moment, alerts))
            last = keys
        return found


def evaluate(scenario: Scenario, groups: Sequence[Group], external_labels: Mapping[str, str]) -> Timeline:
    """Evaluate all rules over a scenario.

    Rules that none of the series can reach are left out, which changes nothing but the time it takes.

    Raises:
        EvaluationError: promtool refuses the rules or the series.
    """
    longest = parse_duration(scenario.longest_window) if scenario.longest_window else None
    reachable = relevant(groups, {each.identity.name for each in scenario.series}, longest)
    alerts = [rule["alert"] for group in reachable for rule in group["rules"] if "alert" in rule]
    with_alerts = {group["name"] for group in reachable if any("alert" in rule for rule in group["rules"])}
    moments = scenario.moments
    if not alerts:
        return Timeline(dict.fromkeys(moments, ()))
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        # A YAML parser reads JSON, and Python writes it faster.
        (folder / "rules.yaml").write_text(json.dumps({"groups": reachable}))
        content = {
            "rule_files": ["rules.yaml"],
            "evaluation_interval": scenario.evaluation,
            # Otherwise the order is random. Recorded series first: an alert then reads those of the same evaluation.
            "group_eval_order": sorted((group["name"] for group in reachable), key=lambda name: name in with_alerts),
            "tests": [
                {
                    "interval": scenario.interval,
                    **({"start_timestamp": scenario.start_timestamp} if scenario.start_timestamp else {}),
                    "external_labels": dict(external_labels),
                    "input_series": [each.model_dump() for each in scenario.series],
                    "alert_rule_test": [
                        {"eval_time": f"{moment}s", "alertname": name} for moment in moments for name in alerts
                    ],
                }
            ],
        }
        (folder / "test.yaml").write_text(json.dumps(content))
        command = [str(binary("promtool")), "test", "rules", "test.yaml"]
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    found: dict[int, list[FiringAlert]] = {moment: [] for moment in moments}
    for moment, alert in _firing(result.stderr):
        found[moment].append(alert)
    if result.returncode and not any(found.values()):
        raise EvaluationError(f"{scenario.name}: promtool failed\n{(result.stdout + result.stderr).strip()[:2000]}")
    return Timeline(found)


def relevant(groups: Iterable[Group], available: set[str], longest_window: int | None = None) -> list[Group]:
    """Return the groups with only the rules that can have a value if these metrics exist.

    With `longest_window` in seconds, rules that read a longer range are left out, too.
    """
    known = set(available)
    rules = [
        rule
        for group in groups
        for rule in group["rules"]
        if longest_window is None or all(window <= longest_window for window in _windows(rule["expr"]))
    ]
    kept: list[int] = []
    # A rule may read series that a later one records.
    while new := [
        number for number, rule in enumerate(rules) if number not in kept and _reachable(rule["expr"], known)
    ]:
        kept += new
        known |= {rules[number]["record"] for number in new if "record" in rules[number]}
    chosen = {id(rules[number]) for number in kept}
    found = [{**group, "rules": [rule for rule in group["rules"] if id(rule) in chosen]} for group in groups]
    return [group for group in found if group["rules"]]


def _reachable(expression: str, known: set[str]) -> bool:
    if any(function in expression for function in _ABSENCE):
        return True
    names = _metric_names(expression)
    return not names or None in names or bool(names & known)


@functools.cache  # The rules of a stack are the same in every scenario.
def _metric_names(expression: str) -> frozenset[str | None]:
    return frozenset(selector.name for selector, _ in selectors(promql_parser.parse(expression)))


def _windows(expression: str) -> list[int]:
    return [parse_duration(found) for found in _WINDOW.findall(expression)]


def _firing(output: str) -> Iterator[tuple[int, FiringAlert]]:
    """Yield each alert that promtool did not expect, with its time: no alert is expected."""
    moment, labels = 0, {}
    for line in output.splitlines():
        if check := _CHECK.search(line):
            moment = parse_duration(check["time"])
        elif found := _LABELS.match(line):
            labels = _pairs(found["labels"])
        elif found := _ANNOTATIONS.match(line):
            yield moment, FiringAlert(labels, _pairs(found["annotations"]))


def _pairs(text: str) -> dict[str, str]:
    # Promtool quotes text as Go does; for printable text, Python's literals are the same.
    return {found["name"]: ast.literal_eval(found["value"]) for found in _PAIR.finditer(text)}
