"""Receivers that fail, one after the other and all at once, and an Alertmanager that restarts meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pytest

from tools.delivery.alertmanager import SETTLED_AFTER, Alertmanager, alertmanager, wait_until
from tools.delivery.expectations import expected
from tools.delivery.figures import RecordProperty
from tools.delivery.prometheus import prometheus, query
from tools.delivery.stacks import DeliveryEnvironment, delivery_environment, stack

PROD: Final = stack("prod")
FAILING_ALERT: Final = "AlertmanagerNotificationsFailing"
# Alertmanager tries for as long as a group's interval, and for 10 seconds at least, before it counts a failure.
GIVEN_UP_AFTER: Final = 20
DELIVERED_WITHIN: Final = 30
SLACK: Final = "/slack/critical"
PAGES: Final = "/v2/enqueue"
# In the place of 5 minutes.
FIRES_AFTER: Final = "1s"


@dataclass(frozen=True)
class Outage:
    """What was found while all of this failed: Slack, PagerDuty, the mail server, and a name that nothing resolves."""

    during: Mapping[str, list[str]]
    attempts: Mapping[str, int]
    failing: Mapping[str, float]
    quiet_before: bool
    fired: set[str]
    restarted: Mapping[str, list[str]]
    after: Mapping[str, list[str]]
    wanted: Mapping[str, list[str]]
    silenced: set[str]
    silences: int


def firing(address: str) -> set[str]:
    """The integrations that the alert fires for."""
    found = query(address, f'ALERTS{{alertname="{FAILING_ALERT}", alertstate="firing"}}')
    return {one["metric"]["integration"] for one in found}


@pytest.fixture(scope="module")
def outage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outage]:
    folder = tmp_path_factory.mktemp("failures")
    with (
        delivery_environment(PROD, folder) as around,
        alertmanager(folder / "alertmanager", around.configuration) as running,
        prometheus(folder / "prometheus", running, {**PROD.rules[FAILING_ALERT], "for": FIRES_AFTER}) as metrics,
    ):
        yield _outage(around, running, metrics)


def _outage(around: DeliveryEnvironment, running: Alertmanager, metrics: str) -> Outage:
    inbox = around.inbox
    # Of every channel one: paged, mailed and in the critical channel; the security channel; and one that works.
    alerts = [PROD.alert(name) for name in ("NodeDown", "CredentialRotationOverdue", "NodeCpuHigh", "Watchdog")]
    silenced = PROD.alert("NodeMemoryHigh")
    wanted = {alert["labels"]["alertname"]: sorted(expected("prod", alert["labels"])) for alert in alerts}
    # NodeDown mutes what its node says, and NodeCpuHigh is on another.
    running.silence("alertname", "NodeMemoryHigh")
    scraped = 'count_over_time(alertmanager_notifications_failed_total{integration="slack"}[1m]) > 1'
    wait_until(lambda: bool(query(metrics, scraped)), DELIVERED_WITHIN)
    quiet_before = firing(metrics) == set() and bool(query(metrics, scraped))

    inbox.failing |= {SLACK: (500, "server_error"), PAGES: (429, '{"status":"throttle exceeded"}')}
    security = around.tokens / "slack-security-webhook-url"
    there = security.read_text()
    security.write_text("http://slack.invalid/slack/security")
    running.post([*alerts, silenced])
    wait_until(lambda: len(firing(metrics)) == 3, GIVEN_UP_AFTER + 10)
    fired, during = firing(metrics), inbox.received()
    failing = {
        name: running.metric("alertmanager_notification_requests_failed_total", integration=name)
        for name in ("slack", "pagerduty", "email")
    }

    running.end()
    running.start()
    restarted = inbox.received()
    inbox.failing.clear()
    security.write_text(there)
    with around.mail():
        # Prometheus tells of what still fires again and again.
        running.post([*alerts, silenced])
        wait_until(lambda: inbox.received() == wanted, DELIVERED_WITHIN)
        time.sleep(SETTLED_AFTER)
    return Outage(
        during, dict(inbox.turned_away), failing, quiet_before, fired, restarted, inbox.received(), wanted,
        {"NodeMemoryHigh"} & set(inbox.received()), len(running.silences()),
    )  # fmt: skip


def test_a_receiver_that_fails_is_tried_again(outage: Outage) -> None:
    assert set(outage.attempts) == {SLACK, PAGES}
    assert min(outage.attempts.values()) >= 3
    assert min(outage.failing.values()) >= 3


def test_the_others_are_told_meanwhile(outage: Outage) -> None:
    assert outage.during == {"NodeCpuHigh": ["#bais-alerts"], "Watchdog": outage.wanted["Watchdog"]}


def test_the_alert_on_failing_notifications_fires_for_each_that_fails_and_for_none_before(outage: Outage) -> None:
    assert outage.quiet_before
    assert outage.fired == {"slack", "pagerduty", "email"}


FAULTS: Final = ("Slack 500", "PagerDuty 429", "mail server refused", "name not resolved", "restart")


def test_nothing_is_lost_and_nothing_is_told_twice_when_they_work_again_after_a_restart(
    outage: Outage, record_property: RecordProperty
) -> None:
    record_property("survived", (len(FAULTS) * int(outage.after == outage.wanted), len(FAULTS)))
    told = {name: set(addresses) for name, addresses in outage.after.items()}
    record_property("lost", sum(len(set(to) - told.get(name, set())) for name, to in outage.wanted.items()))
    assert outage.restarted == outage.during
    assert outage.after == outage.wanted


def test_a_silence_survives_the_restart(outage: Outage) -> None:
    assert outage.silences == 1
    assert outage.silenced == set()
