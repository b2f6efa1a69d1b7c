"""Rule files: conventions, and the promtool test cases."""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from catalogue import model, rule_tests, tunables
from catalogue.loader import load
from catalogue.model import Alert, Recording
from catalogue.platform import FROM_SETTINGS
from catalogue.promql import is_promql
from catalogue.rule_files import OTHER_FILES
from catalogue.scaffold import GAP
from common.project import RULES
from tools.catalogue.evidence import collect_evidence

TESTS: Final = Path(__file__).parent

CATALOGUE: Final = load(RULES)
ALERTS: Final = list(CATALOGUE.alerts.values())
AREAS: Final = [area.name for area in CATALOGUE.areas]
# Rule files by stem, including those generated for the SLOs.
FILES: Final = sorted(path.stem for path in RULES.glob("*.yaml") if path.name not in OTHER_FILES)
RECORDINGS: Final = [
    (area.name, rule)
    for area in CATALOGUE.areas
    for group in area.groups
    for rule in group.rules
    if isinstance(rule, Recording)
]

TEAMS: Final = {"api", "payments", "platform", "product", "security"}
FIRES_AT_ONCE: Final = {"Watchdog", "CertificateExpired"}
HEARTBEATS: Final = {"Watchdog"}
# Recorded for dashboards and reports only.
READ_BY_DASHBOARDS: Final = ["service:slo_error_budget:remaining_ratio30d"]
# Recorded in one area and read in others, too: one definition of what is known of an object.
READ_BY_OTHER_AREAS: Final = {"node:own_alert:active", "node:planned_work:active"}

SECONDS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
SCRAPE_INTERVAL_SECONDS: Final = 30

SUITES: Final = rule_tests.load()
# Rule file and rule of all cases.
SUBJECTS: Final = list(dict.fromkeys((file, case.subject) for file in FILES for case in SUITES[file].cases))

each_area = pytest.mark.parametrize("area", AREAS)
each_file = pytest.mark.parametrize("file", FILES)


def offenders(area: str, keeps: Callable[[Alert], object]) -> list[str]:
    """Return the names of an area's alerts that break a rule.

    `keeps` returns a true value for those that keep it.
    """
    return [alert.name for alert in ALERTS if alert.area == area and not keeps(alert)]


def expanded(alert: Alert) -> str:
    """Return the expression of an alert with recorded series expanded."""
    expression = alert.expression
    for area, recording in reversed(RECORDINGS):
        if area == alert.area:
            expression = expression.replace(recording.name, recording.expression)
    return expression


def expanded_names(expression: str) -> set[str]:
    """Return the recorded series that an expression reads, directly or indirectly."""
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
    """Return an expression without comments and label values."""
    return re.sub(r'"[^"]*"', '""', re.sub(r"#.*", "", expression))


def test_every_area_has_a_rule_file() -> None:
    assert set(AREAS) == set(model.AREAS)


@pytest.mark.parametrize("folder", [RULES, TESTS], ids=["rules", "tests"])
def test_no_gap_of_a_new_alert_is_left(folder: Path) -> None:
    gaps = [
        f"{path.name}:{number}: {line.strip()}"
        for path in sorted(folder.glob("*.yaml"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if GAP in line
    ]
    assert gaps == [], "fill these gaps:\n" + "\n".join(gaps)


def test_promtool_accepts_the_rules(promtool: str) -> None:
    command = [promtool, "check", "rules", "--lint=all", "--lint-fatal", *(f"{file}.yaml" for file in FILES)]
    result = subprocess.run(command, cwd=RULES, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_promtool_accepts_the_cases(promtool: str) -> None:
    command = [promtool, "test", "rules", "--run=^$", *(path.name for path in TESTS.glob("*_test.yaml"))]
    result = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


# Each case is evaluated with only the rules that it needs, because promtool evaluates every rule of a file.
@pytest.mark.slow
@pytest.mark.parametrize(("file", "subject"), SUBJECTS, ids=[f"{file}-{subject}" for file, subject in SUBJECTS])
def test_promtool_proves_every_case(promtool: str, tmp_path: Path, file: str, subject: str) -> None:
    excerpts = SUITES[file].excerpt({subject}).write(tmp_path, "excerpt")
    result = subprocess.run([promtool, "test", "rules", *excerpts], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@each_file
def test_each_rule_file_has_cases(file: str) -> None:
    assert SUITES[file].cases


def test_each_rule_file_has_a_test_file() -> None:
    assert {f"{file}_test.yaml" for file in FILES} <= {path.name for path in TESTS.glob("*.y*ml")}


def test_a_test_file_reads_exactly_the_rule_file_it_is_named_after() -> None:
    reference = re.compile(r"^rule_files: \[../../rules/(\w+).yaml\]$", re.MULTILINE)
    files = {path.name: reference.findall(path.read_text(encoding="utf-8")) for path in TESTS.glob("*.y*ml")}
    expected = {name: [re.sub(r"(_windows)?_test\.yaml$", "", name)] for name in files}
    assert files == expected


@each_file
def test_a_case_is_about_the_rule_that_its_name_starts_with(file: str) -> None:
    assert list(misleading_cases(file)) == [], f"rename these cases in tests/rules/{file}_test.yaml"


def misleading_cases(file: str) -> Iterator[str]:
    """Yield the problems of the case names of a file."""
    suite = SUITES[file]
    rules = {rule_tests.name_of(rule) for _, rule in suite.rules}
    for case in suite.cases:
        name, alerts = case.content["name"], case.content.get("alert_rule_test", [])
        checked = {check["alertname"] for check in alerts}
        checked |= {check["expr"] for check in case.content.get("promql_expr_test", [])}
        if case.subject not in rules:
            yield f"{name}: no rule {case.subject} in {file}.yaml"
        if not checked <= {case.subject}:
            yield f"{name}: checks {', '.join(sorted(checked))}"
        if any(check.get("exp_alerts") for check in alerts) != case.shows[0].startswith("fires"):
            yield f"{name}: the name must begin with `fires` if and only if the case expects an alert"


@each_file
def test_an_alert_has_all_of_its_cases(file: str) -> None:
    suite = SUITES[file]
    missing = {rule["alert"]: collect_evidence(suite, rule).missing for _, rule in suite.rules if "alert" in rule}
    assert {name: cases for name, cases in missing.items() if cases} == {}, f"add them to tests/rules/{file}_test.yaml"


@each_area
def test_an_alert_that_fires_carries_the_labels_that_routing_needs(area: str) -> None:
    fired: dict[str, list[set[str]]] = {alert.name: [] for alert in ALERTS if alert.area == area}
    for suite in SUITES.values():
        for case in suite.cases:
            for check in case.content.get("alert_rule_test", []):
                for expected in check.get("exp_alerts") or []:
                    fired.get(check["alertname"], []).append(set(expected["exp_labels"]))
    needed = {"severity", "team", "area", "service"}
    assert [name for name, labels in fired.items() if not labels or not all(needed <= each for each in labels)] == []


@each_area
def test_a_recorded_series_is_named_level_metric_operation_and_is_read_in_its_area(area: str) -> None:
    recorded = [recording.name for own, recording in RECORDINGS if own == area]
    assert [name for name in recorded if not re.fullmatch(r"[a-z_]+:[a-z_]+:[a-z0-9_]+", name)] == []
    readers = [alert.expression for alert in ALERTS if alert.area == area]
    read = set[str]().union(
        *(expanded_names(reader) for reader in (*readers, *READ_BY_DASHBOARDS, *READ_BY_OTHER_AREAS))
    )
    assert [name for name in recorded if name not in read] == []


@each_area
def test_an_alert_reads_only_series_that_its_own_area_records(area: str) -> None:
    recorded = {recording.name for own, recording in RECORDINGS if own == area} | READ_BY_OTHER_AREAS

    def keeps(alert: Alert) -> bool:
        read = set(re.findall(r"\b[a-z_]+:[a-z_]+:[a-z0-9_]+", without_texts(alert.expression)))
        return {name for name in read if not name.startswith(FROM_SETTINGS)} <= recorded

    assert offenders(area, keeps) == []


@each_area
def test_only_alerts_of_the_area_security_belong_to_the_security_team(area: str) -> None:
    assert offenders(area, lambda alert: (area == "security") == (alert.labels["team"] == "security")) == []


@each_area
def test_an_alert_belongs_to_a_known_team(area: str) -> None:
    assert offenders(area, lambda alert: alert.labels["team"] in TEAMS) == [], f"teams: {', '.join(sorted(TEAMS))}"


@each_area
def test_only_a_heartbeat_has_no_severity(area: str) -> None:
    assert offenders(area, lambda alert: (alert.severity == "none") == (alert.name in HEARTBEATS)) == []


@each_area
def test_an_alert_has_a_duration_unless_listed_to_fire_at_once(area: str) -> None:
    assert offenders(area, lambda alert: (alert.duration is None) == (alert.name in FIRES_AT_ONCE)) == []


@each_area
def test_a_duration_is_at_least_two_scrape_intervals(area: str) -> None:
    shortest = 2 * SCRAPE_INTERVAL_SECONDS
    assert offenders(area, lambda alert: alert.duration is None or seconds(alert.duration) >= shortest) == []


def test_an_absence_alert_has_a_duration_of_at_least_five_minutes() -> None:
    absences = [alert for alert in ALERTS if "absent(" in alert.expression]
    assert absences
    assert [alert.name for alert in absences if seconds(alert.duration or "0s") < 300] == []


@each_area
def test_an_expression_has_a_comparison_or_absent(area: str) -> None:
    def keeps(alert: Alert) -> object:
        return re.search(r"[<>]|==|!=|\babsent\(", re.sub(r"{[^}]*}", "", without_texts(alert.expression)))

    assert offenders(area, keeps) == []


@each_area
def test_a_window_spans_at_least_four_scrape_intervals(area: str) -> None:
    def keeps(alert: Alert) -> bool:
        windows = re.findall(r"\[([0-9a-z]+)[:\]]", expanded(alert))
        return all(seconds(window) >= 4 * SCRAPE_INTERVAL_SECONDS for window in windows)

    assert offenders(area, keeps) == []


@each_area
def test_an_expression_parses(area: str) -> None:
    assert offenders(area, lambda alert: is_promql(alert.expression)) == []


@each_area
def test_a_name_has_at_most_40_characters(area: str) -> None:
    assert offenders(area, lambda alert: len(alert.name) <= 40) == []


@each_area
def test_a_summary_is_one_static_sentence(area: str) -> None:
    assert offenders(area, lambda alert: re.fullmatch(r"[A-Z][^{}]{10,90}\.", alert.annotations["summary"])) == []


@each_area
def test_a_description_contains_subject_and_value(area: str) -> None:
    def keeps(alert: Alert) -> bool:
        description = alert.annotations["description"]
        names = alert.name in HEARTBEATS or "{{ $labels." in description
        # The value of an absence alert is always 1.
        measures = "absent(" in alert.expression or re.search(r"{{ \$value \| \w+", description)
        return description.endswith(".") and names and bool(measures)

    assert offenders(area, keeps) == []


@each_area
def test_a_description_does_not_repeat_summary_or_threshold(area: str) -> None:
    def keeps(alert: Alert) -> bool:
        description = alert.annotations["description"]
        limits = [re.escape(marker.number) for marker in tunables.find_markers(alert.expression)[0]]
        return alert.annotations["summary"].rstrip(".").lower() not in description.lower() and not any(
            re.search(rf"(?<![\w.]){limit}(?![\w.])", description) for limit in limits
        )

    assert offenders(area, keeps) == []


@each_area
def test_impact_and_action_are_sentences(area: str) -> None:
    def keeps(alert: Alert) -> bool:
        return all(re.fullmatch(r"[A-Z].*\.", alert.annotations[name]) for name in ("impact", "action"))

    assert offenders(area, keeps) == []


@each_area
def test_links_are_relative(area: str) -> None:
    def keeps(alert: Alert) -> object:
        return alert.annotations["runbook_url"] == f"runbooks/{alert.name}.md" and re.fullmatch(
            r"d/bais-[a-z-]+\?viewPanel=[a-z0-9-]+", alert.annotations["dashboard_url"]
        )

    assert offenders(area, keeps) == []
