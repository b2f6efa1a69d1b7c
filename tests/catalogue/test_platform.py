"""The platform of a stack: restricted expressions, expected targets, teams."""

import pytest

from catalogue.platform import (
    EXCLUDED_DAY,
    EXPECTED_TARGETS,
    UNSUPPORTED_COLLECTORS,
    ExcludedDays,
    Exclusion,
    ExpectedTarget,
    Platform,
)
from catalogue.promql import is_promql
from catalogue.stack import for_stack

API = ExpectedTarget(kind="service", namespace="bais", job="api", service="api", team="checkout")
WORKER = ExpectedTarget(kind="service", namespace="jobs", job="worker", service="worker", team="platform")
SERVER = ExpectedTarget(
    kind="postgres", namespace="monitoring", job="postgres-exporter", service="orders", team="data", instance="main"
)
PLATFORM = Platform(targets=(API, WORKER, SERVER))
MATCHERS = 'namespace=~"bais|jobs", job=~"api|worker"'


@pytest.mark.parametrize(
    ("expression", "restricted"),
    [
        ("rate(http_requests_total[5m])", f"rate(http_requests_total{{{MATCHERS}}}[5m])"),
        ('bais_payments_total{status="failure"}', f'bais_payments_total{{{MATCHERS}, status="failure"}}'),
        ("service:http_requests:rate5m > 1", f"service:http_requests:rate5m{{{MATCHERS}}} > 1"),
        ("service:slo_events:rate5m > 1", "service:slo_events:rate5m > 1"),
        ('up{job="http_requests_total"}', 'up{job="http_requests_total"}'),
        ("up  # http_requests_total is the contract's", "up  # http_requests_total is the contract's"),
    ],
)
def test_only_metrics_of_the_contract_are_restricted_to_the_services(expression: str, restricted: str) -> None:
    assert PLATFORM.restrict(expression) == restricted


def test_without_services_nothing_is_restricted() -> None:
    assert Platform(targets=(SERVER,)).restrict("http_requests_total") == "http_requests_total"


def test_each_expected_target_is_recorded_with_the_labels_of_its_series() -> None:
    rules = PLATFORM.expected_targets()["rules"]
    assert {rule["record"] for rule in rules} == {EXPECTED_TARGETS}
    assert {rule["expr"] for rule in rules} == {"vector(1)"}
    assert rules[0]["labels"] == {"kind": "service", "namespace": "bais", "job": "api", "service": "api"}
    assert rules[2]["labels"]["instance"] == "main"


def test_each_exclusion_is_recorded_in_the_area_of_databases() -> None:
    labels = {"service": "orders", "instance": "main", "collector": "wal"}
    platform = Platform(exclusions=(Exclusion(record=UNSUPPORTED_COLLECTORS, labels=labels),))
    groups = for_stack().render(runbook_base="r", grafana_base="g", platform=platform)["database"]["groups"]
    assert groups[0]["rules"] == [{"record": UNSUPPORTED_COLLECTORS, "expr": "vector(1)", "labels": labels}]
    assert platform.expected_targets()["rules"] == []


def test_a_shard_expects_only_the_jobs_that_it_has_scraped() -> None:
    sharded = Platform(targets=(API, SERVER), sharded=True).expected_targets()["rules"]
    assert sharded[0]["expr"] == 'group(last_over_time(up{namespace="bais", job="api"}[1d]))'
    assert sharded[1]["expr"] == "vector(1)"


def test_an_alert_belongs_to_the_team_of_its_service_or_else_to_its_own() -> None:
    assert PLATFORM.team_label("api") == (
        '{{ if eq $labels.service "api" }}checkout{{ else }}'
        '{{ if eq $labels.service "orders" }}data{{ else }}api{{ end }}{{ end }}'
    )
    assert Platform(targets=(WORKER,)).team_label("api") == "api"


def test_a_calendar_records_whether_now_or_some_weeks_ago_is_on_an_excluded_day() -> None:
    platform = Platform(excluded_days=(ExcludedDays(begin=10**6, end=10**6 + 86400), ExcludedDays(begin=0, end=86400)))
    rules = platform.calendar()["rules"]
    assert {rule["record"] for rule in rules} == {EXCLUDED_DAY}
    assert [rule["labels"]["weeks_ago"] for rule in rules] == ["0", "1", "2", "3", "4"]
    # Today an hour longer; a past day an hour earlier, and two hours longer.
    assert rules[0]["expr"].splitlines()[0] == "(vector(time()) >= 1000000 < 1090000) * 0 + 1"
    assert rules[1]["expr"].splitlines()[0] == "(vector(time()) >= 1601200 < 1698400) * 0 + 1"
    assert rules[4]["expr"].splitlines()[0] == "(vector(time()) >= 3415600 < 3512800) * 0 + 1"
    assert all("\nor\n" in rule["expr"] and is_promql(rule["expr"]) for rule in rules)
