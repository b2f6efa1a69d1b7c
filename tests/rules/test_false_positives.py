"""Settings that runbooks name against false positives: each one stops its alert.

A tunable, a waiting time, the calendar and a cordoned node are applied to the test cases in which the alert fires. An
entry of a list, such as a removed service, has a pair of scenarios: with the setting and without it.
"""

import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import pytest

from catalogue import rule_tests
from catalogue.loader import load
from catalogue.model import Alert, slo_file
from catalogue.platform import EXCLUDED_DAY, ExcludedDays, Platform
from catalogue.rule_tests import Case, Suite
from catalogue.stack import for_stack
from common.durations import parse_duration
from common.project import RUNBOOKS
from tests.rules.test_planned_work import RECORDED, during_work
from tools.catalogue import false_positives
from tools.catalogue.false_positives import CALENDAR, CORDON, HEADING, Remedy
from tools.catalogue.runbooks import section
from tools.scenarios.model import Scenario
from tools.scenarios.model import load as load_scenarios
from tools.scenarios.stacks import SCENARIOS

CATALOGUE: Final = load()
SUITES: Final = rule_tests.load()
ALL_SCENARIOS: Final = {scenario.name: scenario for scenario in load_scenarios(SCENARIOS)}
each_area = pytest.mark.parametrize("area", [area.name for area in CATALOGUE.areas])
# A value of `raise` or `lower` that is more realistic than the end of the range, by which the default changes.
FACTOR: Final = 2
# The whole time of promtool's cases, which begin in 1970.
WHOLE_TIME: Final = ExcludedDays(begin=0, end=10**9)

# Recorded series that have no value on an excluded day.
WITHOUT_EXCLUDED_DAYS: Final = {
    rule.name
    for area in CATALOGUE.areas
    for group in area.groups
    for rule in group.rules
    if rule.expression.rstrip().endswith(f'unless on () {EXCLUDED_DAY}{{weeks_ago="0"}}')
}

# By the alert and the key of the settings: the scenario with the setting, and one without it in which the alert fires.
PROVEN_BY_SCENARIOS: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("ApiNoTraffic", "services"): ("service-no-longer-monitored", "service-no-longer-used"),
    ("CertificateExpired", "probes"): ("unused-endpoint-removed", "unused-endpoint-expired"),
    ("EndpointProbeFailed", "probes"): ("unused-endpoint-removed", "unused-endpoint-fails"),
    ("EndpointProbeNotRunning", "probes"): ("gone-probe-removed", "gone-probe"),
    ("PostgresExporterErrors", "postgres[].collectors"): ("collectors-that-cannot-work", "collectors-not-named"),
    ("PostgresIdleInTransaction", "postgres[].batchAccounts"): ("nightly-batch-account", "long-batch-unnamed"),
    ("PostgresQueriesSlow", "postgres[].batchAccounts"): ("nightly-batch-account", "batch-statements-unnamed"),
    ("PostgresReplicaDisconnected", "postgres[].service"): ("replica-became-its-own", "replica-cut-off"),
    ("PostgresStatementSlow", "postgres[].batchAccounts"): ("nightly-batch-account", "long-batch-unnamed"),
    ("PostgresTransactionLong", "postgres[].batchAccounts"): ("nightly-batch-account", "long-batch-unnamed"),
    ("RedisReplicationBroken", "redis"): ("redis-replica-removed", "redis-replica-retired"),
    ("ServiceDown", "services"): ("gone-and-removed", "gone-webhook-dispatcher"),
}


def remedies_of(alert: Alert) -> list[Remedy]:
    """Return the settings that the runbook of an alert names against false positives."""
    return false_positives.remedies(alert.name, text_of(alert), CATALOGUE.tunables)


def text_of(alert: Alert) -> str:
    """Return the section of an alert's runbook about false positives."""
    return section((RUNBOOKS / f"{alert.name}.md").read_text(encoding="utf-8"), HEADING)


def shown_by_cases(remedy: Remedy) -> bool:
    """Return whether the case of an alert shows a setting; an entry of a list needs a scenario of a whole stack."""
    return remedy.setting.partition("[]")[0] not in false_positives.ENTRIES


REMEDIES: Final = [(alert, remedy) for alert in CATALOGUE.alerts.values() for remedy in remedies_of(alert)]


def value_of(remedy: Remedy) -> float:
    """Return a value of a tunable as the runbook advises."""
    tunable = CATALOGUE.tunables[remedy.setting]
    if remedy.verb == "set":
        return float(remedy.value)
    if remedy.verb == "raise":
        return min(tunable.default * FACTOR or tunable.maximum, tunable.maximum)
    return max(tunable.default / FACTOR, tunable.minimum)


def rules_with(alert: Alert, remedy: Remedy) -> Suite:
    """Return an alert with the rules that it reads, in a stack with a setting; without it if it is disabled."""
    field = remedy.setting.rpartition(".")[2]
    platform = Platform(excluded_days=(WHOLE_TIME,)) if remedy.setting == CALENDAR else None
    tunables = {remedy.setting: value_of(remedy)} if remedy.setting in CATALOGUE.tunables else {}
    fields = {
        "for": {"for": f"{parse_duration(alert.duration or '0s') * FACTOR + 60}s"},
        "enabled": {"enabled": False},
    }
    overrides = {alert.name: fields[field]} if remedy.setting.startswith("alerts.overrides.") else {}
    # Only its area, because a stack is rendered for each setting.
    area = next(area for area in CATALOGUE.areas if area.name == alert.area)
    stack = for_stack(tunables=tunables, overrides=overrides, catalogue=replace(CATALOGUE, areas=(area,)))
    base = "https://example.com"
    rendered = stack.render(runbook_base=base, grafana_base=base, platform=platform)
    groups = [group for content in rendered.values() for group in content["groups"]]
    excerpt = Suite(alert.area, groups, ()).excerpt({alert.name})
    # What the settings record is read by every area.
    recorded = [platform.calendar()] if platform else []
    return replace(excerpt, groups=[*recorded, *without_recorded_work(excerpt.groups)])


def without_recorded_work(groups: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield the groups without the rule that records planned work, which cases have as a series."""
    for group in groups:
        rules = [rule for rule in group["rules"] if rule.get("record") not in (RECORDED, EXCLUDED_DAY)]
        if rules:
            yield {**group, "rules": rules}


def firing_cases(alert: Alert) -> list[Case]:
    """Return the test cases in which an alert fires."""
    files = [file for file in (alert.area, slo_file(alert.area).removesuffix(".yaml")) if file in SUITES]
    cases = [case for file in files for case in SUITES[file].cases_of(alert.name)]
    return [case for case in cases if case.shows[0].startswith("fires")]


def expecting_fewer(case: Case, remedy: Remedy, name: str) -> Case:
    """Return a case in which an alert fires, expecting fewer of it at the first time at which it fires.

    A case may have several victims, of which the setting spares those just beyond the limit.
    """
    first = next(check for check in case.content["alert_rule_test"] if check.get("exp_alerts"))
    firing = f'count(ALERTS{{alertname="{case.subject}", alertstate="firing"}}) or vector(0)'
    check = {
        "eval_time": first["eval_time"],
        "expr": f"({firing}) < bool {len(first['exp_alerts'])}",
        "exp_samples": [{"labels": "{}", "value": "1"}],
    }
    inputs = list(case.content.get("input_series", []))
    if remedy.setting == CORDON:
        inputs = during_work(case.content)["input_series"]
    if remedy.setting == CALENDAR:
        # Cases give the usual level as a series. Its rule has no result on an excluded day.
        inputs = [each for each in inputs if each["series"].partition("{")[0] not in WITHOUT_EXCLUDED_DAYS]
    content = {**case.content, "name": name, "input_series": inputs, "promql_expr_test": [check]}
    del content["alert_rule_test"]
    return replace(case, content=content)


def stopped_by(promtool: str, remedies: Iterable[tuple[Alert, Remedy]], folder: Path) -> set[tuple[str, Remedy]]:
    """Return which settings stop their alert in at least one of the cases in which it fires."""
    left = {f"{alert.name}: {remedy}": (alert, remedy) for alert, remedy in remedies}
    found: set[tuple[str, Remedy]] = set()
    # An alert may have several of these cases, of which the setting concerns one. Most need only the first.
    for number in range(max(len(firing_cases(alert)) for alert, _ in left.values())):
        files: list[Path] = []
        for index, (name, (alert, remedy)) in enumerate(left.items()):
            cases = [expecting_fewer(case, remedy, name) for case in firing_cases(alert)[number : number + 1]]
            files += replace(rules_with(alert, remedy), cases=tuple(cases)).write(folder, f"{number}-{index}")
        names = passing(promtool, files, folder / "results.xml") if files else set()
        found |= {(alert.name, remedy) for name, (alert, remedy) in left.items() if name in names}
        left = {name: each for name, each in left.items() if name not in names}
    return found


def passing(promtool: str, files: Sequence[Path], results: Path) -> set[str]:
    """Run test files and return the names of the cases that pass."""
    command = [promtool, "test", "rules", f"--junit={results}", *map(str, files)]
    subprocess.run(command, capture_output=True, text=True, check=False)
    cases = ElementTree.parse(results).getroot().iter("testcase")
    return {str(case.get("name")) for case in cases if not len(case)}


@pytest.mark.slow
def test_a_setting_that_a_runbook_names_stops_its_alert(promtool: str, tmp_path: Path) -> None:
    by_cases = [(alert, remedy) for alert, remedy in REMEDIES if shown_by_cases(remedy)]
    stopped = stopped_by(promtool, by_cases, tmp_path)
    firing = [f"{alert.name}: {each.setting}" for alert, each in by_cases if (alert.name, each) not in stopped]
    assert firing == [], "the alert fires in all of its cases with this setting, too"


@pytest.mark.slow
def test_a_setting_that_does_not_stop_its_alert_is_found(promtool: str, tmp_path: Path) -> None:
    useless = [
        (CATALOGUE.alerts[name], Remedy(setting, verb, value))
        for name, setting, verb, value in (
            ("RedisMemoryHigh", "redis_memory_ratio", "lower", ""),
            ("RedisMemoryHigh", "redis_memory_ratio", "set", "0.9"),
            ("RedisMemoryHigh", CALENDAR, "", ""),
            ("PaymentsStopped", "payment_prompt_ratio", "raise", ""),
        )
    ]
    assert stopped_by(promtool, useless, tmp_path) == set()


@each_area
def test_a_section_names_a_setting_or_that_there_is_none(area: str) -> None:
    problems = [
        f"runbooks/{name}.md: {problem}"
        for name, alert in CATALOGUE.alerts.items()
        if alert.area == area
        for problem in false_positives.gaps(name, text_of(alert), CATALOGUE.tunables)
    ]
    assert problems == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A load test.", "no setting"),
        ("Raise `unknown_count`.", "no setting"),
        ("Raise `alerts.overrides.RedisDown.for`.", "no setting"),
        ("It depends on `redis_memory_ratio`.", "`redis_memory_ratio`"),
        ("None known.", None),
        ("Raise `redis_memory_ratio`.", None),
        ("Raise `alerts.overrides.RedisMemoryHigh.for`.", None),
    ],
)
def test_a_section_without_a_setting_is_found(text: str, found: str | None) -> None:
    problems = false_positives.gaps("RedisMemoryHigh", text, CATALOGUE.tunables)
    assert [problem.found for problem in problems] == ([found] if found else [])


def test_an_entry_that_a_runbook_names_has_a_pair_of_scenarios() -> None:
    named = {(alert.name, remedy.setting) for alert, remedy in REMEDIES if not shown_by_cases(remedy)}
    assert named == set(PROVEN_BY_SCENARIOS)


@pytest.mark.parametrize(("alert", "setting"), PROVEN_BY_SCENARIOS)
def test_an_alert_fires_only_in_the_scenario_without_the_setting(alert: str, setting: str) -> None:
    with_setting, without = (ALL_SCENARIOS[name] for name in PROVEN_BY_SCENARIOS[alert, setting])
    section_name = setting.partition("[]")[0]
    assert with_setting.settings.get(section_name) != without.settings.get(section_name)
    assert alert not in alerts_of(with_setting)
    assert alert in alerts_of(without)
    assert not with_setting.open
    assert not without.open


def alerts_of(scenario: Scenario) -> set[str]:
    """Return the alerts that a scenario notifies of."""
    return {alert for notification in scenario.notifications for alert in notification.alerts}
