"""Conclusions, tables and findings of the sections, from a few series each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalogue.loader import load
from operations.review import queries
from operations.review.model import Impact, Section
from operations.review.prometheus import Rule
from operations.review.readings import UnknownError
from operations.review.review import SECTIONS
from operations.review.sections import (
    alerts,
    budgets,
    cardinality,
    never_fired,
    noise,
    notifications,
    pages,
    resources,
    rule_groups,
    security,
    silences,
    storage,
)
from tests.operations.review.samples import DAY, END, data, firing, over_time, value


def cells(section: Section, title: str, table: int = 0) -> list[Any]:
    """Return the values of a column."""
    found = section.tables[table]
    (number,) = [number for number, column in enumerate(found.columns) if column.title == title]
    return [row[number] for row in found.rows]


def impacts(section: Section) -> list[Impact]:
    return [finding.impact for finding in section.findings]


def test_alerts_are_counted_with_their_time_and_flaps() -> None:
    series = [
        firing("NodeDown", (300, 290), (280, 270), node="a", area="infrastructure"),
        firing("NodeCpuHigh", (60, 0), severity="warning", area="infrastructure"),
    ]
    found = alerts.section(data({"alerts": series}))
    assert found.conclusion == (
        "2 alerts fired 3 times, most often NodeDown (2) and NodeCpuHigh (1). Critical alerts fired for 20 min."
    )
    assert cells(found, "alert") == ["NodeDown", "NodeCpuHigh"]
    assert cells(found, "time firing") == [1200, 3600]
    assert cells(found, "flapped") == [1, 0]
    assert cells(found, "at the end") == ["resolved", "fires"]


def test_critical_alerts_are_one_finding_per_area_with_the_impact_of_the_longest() -> None:
    series = [
        firing("PostgresDown", (100, 70), area="database"),
        firing("DatabasePoolExhausted", (80, 60), area="database"),
        # Its impact is that of the error budget, which has a finding of its own.
        firing("ApiErrorBudgetBurnsFast", (30, 20), area="api"),
    ]
    found = {each.area: each.text for each in alerts.section(data({"alerts": series})).findings}
    impact = load().alerts["PostgresDown"].annotations["impact"]
    assert found == {
        "database": (
            f"Critical alerts fired for 40 min: PostgresDown (30 min) and DatabasePoolExhausted (20 min). {impact}"
        ),
        "api": "Critical alerts fired for 10 min: ApiErrorBudgetBurnsFast (10 min).",
    }


def test_a_critical_alert_that_fires_at_the_end_has_its_action() -> None:
    series = [firing("PostgresDown", (100, 0), area="database"), firing("RedisDown", (100, 70), area="cache")]
    found = {each.area: each.text for each in alerts.section(data({"alerts": series})).findings}
    catalogue = load().alerts
    assert found["database"].endswith(
        f" PostgresDown fires at the end: {catalogue['PostgresDown'].annotations['action']}"
    )
    assert catalogue["RedisDown"].annotations["action"] not in found["cache"]


def test_a_warning_that_fires_for_more_than_a_day_is_a_finding() -> None:
    series = [firing("NodeCpuHigh", (25 * 60, 0), severity="warning")]
    assert impacts(alerts.section(data({"alerts": series}))) == [Impact.WARNING_IGNORED]
    series = [firing("NodeCpuHigh", (23 * 60, 0), severity="warning")]
    assert impacts(alerts.section(data({"alerts": series}))) == []


def test_alerts_are_unknown_if_the_heartbeat_did_not_fire() -> None:
    found = data(reasons={"heartbeat": "Prometheus has no data of ALERTS"})
    with pytest.raises(UnknownError, match="alerts were not evaluated: Prometheus has no data of ALERTS"):
        alerts.section(found)


def test_alerts_that_fired_or_are_disabled_are_not_among_those_that_never_fired() -> None:
    found = never_fired.section(data({"alerts": [firing("NodeDown", (10, 5))]}, disabled=frozenset({"RedisDown"})))
    silent = ", ".join(cells(found, "alerts")).split(", ")
    assert {"NodeDown", "RedisDown", "Watchdog"} & set(silent) == set()
    assert "PostgresDown" in silent
    assert sum(cells(found, "never fired")) == len(silent)
    assert "in 7 d of data" in found.conclusion


def test_noise_names_the_tunable_with_its_value_in_the_stack() -> None:
    series = [firing("NodeCpuHigh", *((start, start - 3) for start in (6000, 4000, 2000)), severity="warning")]
    found = noise.section(data({"alerts": series}, tunables={"node_cpu_ratio": 0.85}))
    assert cells(found, "setting to change") == ["alerts.tunables.node_cpu_ratio", "alerts.overrides.NodeCpuHigh.for"]
    assert cells(found, "its value now") == ["0.85 ratio", "10m"]
    assert found.findings[0].text == (
        "NodeCpuHigh fired briefly or flapped 3 times: change alerts.tunables.node_cpu_ratio, now 0.85 ratio."
    )


def test_long_firings_are_not_noise() -> None:
    series = [firing("NodeCpuHigh", *((start, start - 30) for start in (6000, 4000, 2000)), severity="warning")]
    found = noise.section(data({"alerts": series}))
    assert found.conclusion == "No alert is noisy: none fired briefly or flapped three times."


def test_noise_of_a_foreign_rule_has_no_setting() -> None:
    series = [firing("Foreign", *((start, start - 3) for start in (6000, 4000, 2000)), area="web", catalogue="")]
    assert cells(noise.section(data({"alerts": series})), "setting to change") == ["none: a rule of another team"]


def test_a_page_is_a_group_of_alertmanager() -> None:
    series = [
        # Two pods of a namespace are one page, two nodes are two. END is at noon.
        firing("ApiErrorRateHigh", (60, 30), namespace="bais", pod="a"),
        firing("ApiErrorRateHigh", (50, 20), namespace="bais", pod="b"),
        firing("NodeDown", (14 * 60, 13 * 60), node="a"),
        firing("NodeDown", (14 * 60, 13 * 60), node="b"),
        firing("NodeCpuHigh", (14 * 60, 13 * 60), severity="warning", node="b"),
    ]
    found = pages.section(data({"alerts": series}))
    assert found.conclusion.startswith("3 pages, 2 of them at night (20:00 to 06:00 UTC and weekends).")
    assert cells(found, "about") == ["node a", "node b"]
    assert impacts(found) == [Impact.PAGED_AT_NIGHT]
    assert found.findings[0].text.startswith("2 pages of 3 came at night or on a weekend: NodeDown. ")
    assert "NodeDown: 2026-11-24 22:00 UTC, 1 h" in found.charts[0].svg


def test_pages_in_business_hours_are_no_finding() -> None:
    found = pages.section(data({"alerts": [firing("NodeDown", (60, 30))]}))
    assert (found.findings, found.tables) == ((), ())


def test_failed_notifications_are_a_finding_and_unused_channels_are_left_out() -> None:
    sent = [value(100, integration="slack"), value(50, integration="pagerduty"), value(0, integration="email")]
    failed = [value(20, integration="pagerduty")]
    found = notifications.section(data({"notifications_sent": sent, "notifications_failed": failed}))
    assert cells(found, "channel") == ["slack", "pagerduty"]
    assert [finding.text for finding in found.findings] == ["Notifications failed: pagerduty (40 %)."]
    found = notifications.section(data({"notifications_sent": sent, "notifications_failed": []}))
    assert found.conclusion == "Alertmanager sent 150 notifications through 2 channels; hardly any failed."


def silence(days: int, state: str = "active") -> Mapping[str, Any]:
    end = datetime.fromtimestamp(END, UTC) + timedelta(days=days)
    return {
        "status": {"state": state},
        "matchers": [{"name": "alertname", "value": "Node.*", "isRegex": True, "isEqual": True}],
        "comment": "disk replacement",
        "createdBy": "on-call",
        "endsAt": f"{end:%Y-%m-%dT%H:%M:%S.000Z}",
    }


def test_silences_for_more_than_a_week_are_findings() -> None:
    found = silences.section(data(silences=[silence(8), silence(2), silence(-1, "expired")]))
    assert found.conclusion.startswith("2 silences active or pending, 1 of them for more than a week.")
    assert cells(found, "matchers") == ['alertname=~"Node.*"'] * 2
    assert impacts(found) == [Impact.SILENCED_FOR_LONG]


def test_without_alertmanager_silences_are_unknown() -> None:
    with pytest.raises(UnknownError, match="no address"):
        silences.section(data(silences="no address"))


def test_an_exhausted_budget_names_its_time_and_the_impact_of_its_objective() -> None:
    labels = {"slo": "errors", "namespace": "bais", "service": "api"}
    found = budgets.section(
        data({"budgets": [over_time([0.5, 0.1, -0.2, -1.5], **labels)], "failures": [value(0.02, **labels)]})
    )
    assert found.conclusion == "1 of 1 error budget exhausted: errors of bais/api (-150 %)."
    assert cells(found, "exhausted") == ["by 2026-11-24 12:00 UTC"]
    assert cells(found, "objective") == ["errors (99.9 %)"]
    assert [finding.text for finding in found.findings] == [
        "The error budget errors of bais/api is exhausted: -150 % left. Customers see more errors than the SLO allows."
    ]
    assert found.unknown == ("no data of the objectives availability, latency, payments and 1 more",)


@pytest.mark.parametrize(
    ("failures", "exhausted", "expected"),
    [
        # Of 0.1 % that may fail: twice as many spend half of the budget in half of 15 days.
        (0.002, "in 7.5 days at this pace", [Impact.BUDGET_EXHAUSTED_SOON]),
        (0.0005, "not at this pace", []),
    ],
)
def test_the_pace_tells_when_a_budget_is_exhausted(failures: float, exhausted: str, expected: list[Impact]) -> None:
    labels = {"slo": "errors", "namespace": "bais", "service": "api"}
    found = budgets.section(
        data({"budgets": [over_time([0.6, 0.5], **labels)], "failures": [value(failures, **labels)]})
    )
    assert cells(found, "exhausted") == [exhausted]
    assert impacts(found) == expected


def test_without_failures_it_is_unknown_when_a_budget_is_exhausted() -> None:
    labels = {"slo": "errors", "namespace": "bais", "service": "api"}
    found = budgets.section(data({"budgets": [over_time([0.6, 0.5], **labels)]}))
    assert cells(found, "exhausted") == ["unknown"]


def test_rule_groups_close_to_their_interval_are_late() -> None:
    groups = {"/etc/rules/a.yaml;api": 20.0, "/etc/rules/b.yaml;cache": 0.3}
    readings = {
        "rule_durations": [value(seconds, rule_group=name) for name, seconds in groups.items()],
        "rule_intervals": [value(30, rule_group=name) for name in groups],
        "rule_iterations_missed": [],
    }
    found = rule_groups.section(data(readings))
    assert found.conclusion == "1 rule group late or close to it: api."
    assert cells(found, "of its interval") == [pytest.approx(2 / 3), pytest.approx(0.01)]
    readings["rule_durations"] = [value(0.3, rule_group=name) for name in groups]
    assert rule_groups.section(data(readings)).conclusion == (
        "All 2 rule groups are in time; the slowest, api, takes 1 % of its interval."
    )


def test_the_slowest_rules_are_those_of_their_last_evaluation() -> None:
    readings = {
        "rule_durations": [value(1, rule_group="a")],
        "rule_intervals": [value(30, rule_group="a")],
        "rule_iterations_missed": [],
    }
    rules = [Rule("a", "quick", 0.1, 30), Rule("b", "slow", 0.6, 60), Rule("a", "slowest", 0.6, 30)]
    found = rule_groups.section(data(readings, rules=rules))
    assert cells(found, "slowest rule now", table=1) == ["slowest", "slow", "quick"]
    assert cells(found, "of its interval", table=1) == [pytest.approx(each) for each in (0.02, 0.01, 0.1 / 30)]
    assert rule_groups.section(data(readings, rules="status 404")).unknown == ("status 404",)


def test_missed_evaluations_are_unknown_without_their_metric() -> None:
    readings = {
        "rule_durations": [value(1, rule_group="a")],
        "rule_intervals": [value(30, rule_group="a")],
    }
    found = rule_groups.section(data(readings, reasons={"rule_iterations_missed": "no data"}))
    assert (cells(found, "missed evaluations"), found.unknown) == ([None], ("no data",))


def test_cardinality_names_the_largest_metric_and_job() -> None:
    readings = {
        "series": [over_time([1000, 1100])],
        "series_by_metric": [value(10, __name__="up"), value(550, __name__="http_requests_total")],
        "samples_by_job": [value(220, job="api")],
    }
    found = cardinality.section(data(readings))
    assert found.conclusion == (
        "1,100 series in memory, +10 % over the period. "
        "Most are of metric http_requests_total (50 %) and of job api (20 %)."
    )
    assert cells(found, "metric") == ["http_requests_total", "up"]


def test_cardinality_without_a_query_that_was_refused_says_so() -> None:
    found = cardinality.section(
        data({"series": [over_time([1000, 1100])], "samples_by_job": [value(220, job="api")]},
             reasons={"series_by_metric": "Prometheus refused a query: timeout"})
    )  # fmt: skip
    assert found.unknown == ("by metric: Prometheus refused a query: timeout",)


CLAIM = {"namespace": "monitoring", "persistentvolumeclaim": "prometheus-0"}


def claim(free: list[float]) -> Section:
    return storage.section(
        data({"claims_available": [over_time(free, **CLAIM)], "claims_capacity": [value(100e9, **CLAIM)]})
    )


def test_a_claim_that_grows_has_days_until_it_is_full() -> None:
    found = claim([50e9, 46e9, 42e9])
    assert found.conclusion == "1 of 1 claim full within 30 days: monitoring/prometheus-0 in 10 days."
    assert cells(found, "growth per day") == [pytest.approx(4e9)]
    assert cells(found, "used") == [pytest.approx(0.58)]
    assert [each.text for each in found.findings] == [
        "The volume of monitoring/prometheus-0 will be full in 10 days: it has 100 GB and grows by 4 GB per day."
    ]


@pytest.mark.parametrize(
    ("free", "until_full"),
    [
        ([50e9, 49e9, 48e9], "48"),
        ([50e9, 50e9, 50e9], "does not grow"),
        ([48e9, 49e9, 50e9], "does not grow"),
        ([50e9], "unknown"),
    ],
)
def test_a_claim_that_is_not_full_soon_is_no_finding(free: list[float], until_full: str) -> None:
    found = claim(free)
    assert (cells(found, "days until full"), found.findings) == ([until_full], ())


def containers(cpu: float, requested: float, memory: float = 1e8, memory_requested: float = 1e8) -> Section:
    labels = {"namespace": "bais", "container": "api"}
    readings = {
        "cpu_used": [over_time([cpu], **labels)],
        "cpu_requested": [value(requested, **labels)],
        "memory_used": [over_time([memory], **labels)],
        "memory_requested": [value(memory_requested, **labels)],
        "memory_limits": [value(2e8, **labels)],
    }
    return resources.section(data(readings))


@pytest.mark.parametrize(
    ("found", "verdict", "expected"),
    [
        (containers(0.4, 0.5), "fits", []),
        (containers(0.8, 0.5), "uses 0.8 CPU but requests 0.5", [Impact.RESOURCES_TOO_SMALL]),
        (containers(0.05, 0.5), "requests too much CPU", []),
        (containers(0.4, 0.5, memory=1.5e8), "uses 150 MB memory but requests 100 MB", [Impact.RESOURCES_TOO_SMALL]),
        (
            containers(0.05, 0.5, memory=1.9e8, memory_requested=1.8e8),
            "memory close to its limit of 200 MB, requests too much CPU",
            [Impact.RESOURCES_TOO_SMALL],
        ),
    ],
)
def test_requests_are_compared_with_usage(found: Section, verdict: str, expected: list[Impact]) -> None:
    assert cells(found, "verdict") == [verdict]
    assert impacts(found) == expected


def test_a_container_without_a_request_is_a_finding_only_if_requests_are_reported() -> None:
    used = [over_time([0.1], namespace="bais", container=name) for name in ("api", "worker")]
    readings = {"cpu_used": used, "memory_used": used}
    found = resources.section(
        data(readings, reasons=dict.fromkeys(("cpu_requested", "memory_requested", "memory_limits"), "none"))
    )
    assert (cells(found, "verdict"), set(found.unknown)) == (
        ["fits", "fits"],
        {"none", "no container metrics of namespace monitoring"},
    )
    requested = {"cpu_requested": [value(0.1, namespace="bais", container="api")]}
    found = resources.section(
        data({**readings, **requested}, reasons=dict.fromkeys(("memory_requested", "memory_limits"), "none"))
    )
    assert cells(found, "verdict") == ["no CPU request", "fits"]


def test_the_usage_is_the_95th_percentile() -> None:
    assert resources.percentile([float(number) for number in range(100)]) == 94
    assert resources.percentile([3.0]) == 3


def test_security_events_are_compared_with_the_period_before() -> None:
    names = ("security_denied", "security_rate_limited", "security_suspicious", "security_admin_actions")
    readings = {
        "security_sign_ins": [value(900, reason="bad_password"), value(0, reason="system_error")],
        **{name: [] for name in names},
        "alerts": [firing("BruteForceSuspected", (30, 10), area="security")],
    }
    found = security.section(data(readings, before={"security_sign_ins": [value(100, reason="bad_password")]}))
    assert found.conclusion.startswith("1 security alert fired: BruteForceSuspected (1). 900 failed sign-ins, ")
    assert found.tables[0].rows == (("failed sign-ins", "bad_password", 900, 100),)


def test_every_section_is_unknown_without_its_data() -> None:
    nothing = data(reasons=dict.fromkeys(queries.load(), "no data"), silences="no data")
    for section in SECTIONS.values():
        with pytest.raises(UnknownError, match="no data"):
            section(nothing)


def test_the_trend_ignores_the_order_of_samples() -> None:
    assert storage.trend({0: 0.0, 2 * DAY: 2.0, DAY: 1.0}) == pytest.approx(1 / DAY)
