"""The rule files keep the contract that routing, dashboards and engineers rely on, and promtool proves them."""

import re
import subprocess
from pathlib import Path
from typing import Any

import promql_parser
import pytest

from catalogue import model, rule_tests, tunables
from catalogue.loader import load
from catalogue.model import Alert, Recording
from catalogue.rule_files import OTHER_FILES
from catalogue.rule_tests import Case, Suite
from catalogue.scaffold import GAP
from common.project import RULES
from tools.catalogue.evidence import evidence

TESTS = Path(__file__).parent

CATALOGUE = load(RULES)
ALERTS = list(CATALOGUE.alerts.values())
AREAS = [area.name for area in CATALOGUE.areas]
# What is written for the objectives of an area stands beside the area's own rules, and is tested beside them.
FILES = sorted(path.stem for path in RULES.glob("*.yaml") if path.name not in OTHER_FILES)
RECORDINGS = [
    (area.name, rule)
    for area in CATALOGUE.areas
    for group in area.groups
    for rule in group.rules
    if isinstance(rule, Recording)
]

TEAMS = {"api", "payments", "platform", "product", "security"}
FIRES_AT_ONCE = {"Watchdog", "CertificateExpired"}
HEARTBEATS = {"Watchdog"}
# Recorded for dashboards and reports; no alert reads it.
READ_BY_PEOPLE = ["service:slo_error_budget:remaining_ratio30d"]

SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
SCRAPE_INTERVAL_SECONDS = 30

each_alert = pytest.mark.parametrize("alert", ALERTS, ids=[alert.name for alert in ALERTS])
each_file = pytest.mark.parametrize("file", FILES)


SUITES = rule_tests.load()
CASES = [(suite, case) for suite in SUITES.values() for case in suite.cases]
RULES_OF_ALERTS = [(suite, rule) for suite in SUITES.values() for _, rule in suite.rules if "alert" in rule]
SUBJECTS = list(dict.fromkeys((suite.name, case.subject) for suite, case in CASES))


def expanded(alert: Alert) -> str:
    """Return an alert's expression with each series that its area records replaced by what records it."""
    expression = alert.expression
    for area, recording in reversed(RECORDINGS):
        if area == alert.area:
            expression = expression.replace(recording.name, recording.expression)
    return expression


def expanded_names(expression: str) -> set[str]:
    """Return the recorded series that an expression reads, directly or through others."""
    names: set[str] = set()
    expressions = [expression]
    while expressions:
        expression = expressions.pop()
        found = {recording.name: recording for _, recording in RECORDINGS if recording.name in expression}
        expressions += [recording.expression for name, recording in found.items() if name not in names]
        names |= set(found)
    return names


def seconds(duration: str) -> float:
    """Return a Prometheus duration in seconds."""
    return sum(int(count) * SECONDS[unit] for count, unit in re.findall(r"(\d+)(ms|[smhdwy])", duration))


def without_texts(expression: str) -> str:
    """Return an expression without comments and without the texts in its label matchers."""
    return re.sub(r'"[^"]*"', '""', re.sub(r"#.*", "", expression))


def test_every_area_has_its_file() -> None:
    assert set(AREAS) == set(model.AREAS)


@pytest.mark.parametrize("path", [*RULES.glob("*.yaml"), *TESTS.glob("*.yaml")], ids=lambda path: path.name)
def test_no_gap_of_a_new_alert_is_left(path: Path) -> None:
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    assert [f"{path.name}:{number}: {line.strip()}" for number, line in lines if GAP in line] == []


@each_file
def test_promtool_accepts_the_rules(promtool: str, file: str) -> None:
    command = [promtool, "check", "rules", "--lint=all", "--lint-fatal", f"{file}.yaml"]
    result = subprocess.run(command, cwd=RULES, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_promtool_accepts_the_cases(promtool: str) -> None:
    command = [promtool, "test", "rules", "--run=^$", *(path.name for path in TESTS.glob("*_test.yaml"))]
    result = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


# A case is evaluated with the rules that decide it only: a case that compares with last week takes a week of
# evaluations, and one with the whole file some ten times as long.
@pytest.mark.parametrize(("file", "subject"), SUBJECTS, ids=[subject for _, subject in SUBJECTS])
def test_promtool_proves(promtool: str, tmp_path: Path, file: str, subject: str) -> None:
    cases = SUITES[file].excerpt({subject}).write(tmp_path, "excerpt")
    result = subprocess.run([promtool, "test", "rules", *cases], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_each_rule_file_has_its_test_file() -> None:
    assert {f"{file}_test.yaml" for file in FILES} <= {path.name for path in TESTS.glob("*.y*ml")}


@pytest.mark.parametrize("path", sorted(TESTS.glob("*.y*ml")), ids=lambda path: path.name)
def test_a_test_file_reads_exactly_the_rule_file_it_is_named_after(path: Path) -> None:
    [name] = re.findall(r"^rule_files: \[../../rules/(\w+).yaml\]$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert path.name in (f"{name}_test.yaml", f"{name}_windows_test.yaml")


@pytest.mark.parametrize(("suite", "case"), CASES, ids=[case.content["name"] for _, case in CASES])
def test_a_case_is_about_the_rule_that_it_names(suite: Suite, case: Case) -> None:
    alerts = case.content.get("alert_rule_test", [])
    assert case.subject in [rule_tests.name_of(rule) for _, rule in suite.rules]
    assert {check["alertname"] for check in alerts} <= {case.subject}
    assert {check["expr"] for check in case.content.get("promql_expr_test", [])} <= {case.subject}
    fires = any(check.get("exp_alerts") for check in alerts)
    assert fires == case.shows[0].startswith("fires"), "a name says whether its case fires"


@pytest.mark.parametrize(("suite", "rule"), RULES_OF_ALERTS, ids=[rule["alert"] for _, rule in RULES_OF_ALERTS])
def test_an_alert_has_all_of_its_cases(suite: Suite, rule: dict[str, Any]) -> None:
    missing = evidence(suite, rule).missing
    assert not missing, f"tests/rules/{suite.name}_test.yaml has no case of {rule['alert']}: {missing}"


@each_alert
def test_an_alert_that_fires_carries_the_labels_that_routing_needs(alert: Alert) -> None:
    fired = [
        expected["exp_labels"]
        for _, case in CASES
        for check in case.content.get("alert_rule_test", [])
        for expected in check.get("exp_alerts") or []
        if check["alertname"] == alert.name
    ]
    assert fired
    assert all({"severity", "team", "area", "service"} <= set(labels) for labels in fired)


@pytest.mark.parametrize(("area", "recording"), RECORDINGS, ids=[recording.name for _, recording in RECORDINGS])
def test_a_recorded_series_says_its_level_and_operation_and_is_read_in_its_area(
    area: str, recording: Recording
) -> None:
    assert re.fullmatch(r"[a-z_]+:[a-z_]+:[a-z0-9_]+", recording.name)
    readers = [alert.expression for alert in ALERTS if alert.area == area]
    assert any(recording.name in expanded_names(reader) for reader in (*readers, *READ_BY_PEOPLE))


@each_alert
def test_an_alert_reads_only_series_that_its_own_area_records(alert: Alert) -> None:
    recorded = set(re.findall(r"\b[a-z_]+:[a-z_]+:[a-z0-9_]+", without_texts(alert.expression)))
    assert recorded <= {recording.name for area, recording in RECORDINGS if area == alert.area}


@each_alert
def test_an_alert_of_security_goes_to_the_security_team(alert: Alert) -> None:
    assert (alert.area == "security") == (alert.labels["team"] == "security")


@each_alert
def test_an_alert_belongs_to_a_known_team(alert: Alert) -> None:
    assert alert.labels["team"] in TEAMS


@each_alert
def test_only_a_heartbeat_has_no_severity(alert: Alert) -> None:
    assert (alert.severity == "none") == (alert.name in HEARTBEATS)


@each_alert
def test_an_alert_waits_unless_it_is_known_to_fire_at_once(alert: Alert) -> None:
    assert (alert.duration is None) == (alert.name in FIRES_AT_ONCE)


@each_alert
def test_an_alert_waits_for_at_least_two_scrapes(alert: Alert) -> None:
    assert alert.duration is None or seconds(alert.duration) >= 2 * SCRAPE_INTERVAL_SECONDS


@each_alert
def test_an_absence_waits_for_five_minutes(alert: Alert) -> None:
    assert "absent(" not in alert.expression or seconds(alert.duration or "0s") >= 300


@each_alert
def test_an_expression_compares_or_asks_for_absence(alert: Alert) -> None:
    assert re.search(r"[<>]|==|!=|\babsent\(", re.sub(r"{[^}]*}", "", without_texts(alert.expression)))


@each_alert
def test_a_window_spans_at_least_four_scrapes(alert: Alert) -> None:
    windows = re.findall(r"\[([0-9a-z]+)[:\]]", expanded(alert))
    assert all(seconds(window) >= 4 * SCRAPE_INTERVAL_SECONDS for window in windows)


@each_alert
def test_an_expression_parses(alert: Alert) -> None:
    promql_parser.parse(alert.expression)


@each_alert
def test_a_name_fits_a_pager(alert: Alert) -> None:
    assert len(alert.name) <= 40


@each_alert
def test_a_summary_is_one_static_sentence(alert: Alert) -> None:
    summary = alert.annotations["summary"]
    assert re.fullmatch(r"[A-Z][^{}]{10,90}\.", summary)


@each_alert
def test_a_description_names_what_and_how_much(alert: Alert) -> None:
    description = alert.annotations["description"]
    assert description.endswith(".")
    assert alert.name in HEARTBEATS or "{{ $labels." in description
    # The value of an absence is always 1 and says nothing.
    assert "absent(" in alert.expression or re.search(r"{{ \$value \| \w+", description)


@each_alert
def test_a_description_does_not_repeat_the_summary_or_the_limit(alert: Alert) -> None:
    description = alert.annotations["description"]
    assert alert.annotations["summary"].rstrip(".").lower() not in description.lower()
    for marker in tunables.find_markers(alert.expression)[0]:
        assert not re.search(rf"(?<![\w.]){re.escape(marker.number)}(?![\w.])", description)


@each_alert
def test_the_texts_are_sentences(alert: Alert) -> None:
    for name in ("impact", "action"):
        assert re.fullmatch(r"[A-Z].*\.", alert.annotations[name]), name


@each_alert
def test_the_addresses_are_relative(alert: Alert) -> None:
    assert re.fullmatch(r"d/bais-[a-z-]+\?viewPanel=[a-z0-9-]+", alert.annotations["dashboard_url"])
    assert alert.annotations["runbook_url"] == f"runbooks/{alert.name}.md"
