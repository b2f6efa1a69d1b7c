"""Failing receivers, and an Alertmanager that restarts while they fail."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pytest

from local.demo.fake_receivers import PAGERDUTY
from tools.delivery.alertmanager import SETTLE_SECONDS, Alertmanager, alertmanager, wait_until
from tools.delivery.expectations import expected
from tools.delivery.figures import RecordProperty
from tools.delivery.prometheus import prometheus, query
from tools.delivery.stacks import DeliveryEnvironment, delivery_environment, stack

PROD: Final = stack("prod")
FAILING_ALERT: Final = "AlertmanagerNotificationsFailing"
# Alertmanager retries for one group interval, at least 10 s, before it counts a failure.
GIVEN_UP_AFTER: Final = 20
DELIVERED_WITHIN: Final = 30
SLACK: Final = "/slack/critical"
PAGES: Final = "/v2/enqueue"
# Addresses that fail: two services, a channel whose host name does not resolve, and every mailbox.
FAILING: Final = {"#bais-critical", PAGERDUTY, "#bais-security", "on-call@bais.example", "security@bais.example"}
# Instead of 5 minutes.
FIRES_AFTER: Final = "1s"


@dataclass(frozen=True)
class Outage:
    """Observations during an outage of receivers and name resolution."""

    during: Mapping[str, list[str]]
    attempts: Mapping[str, int]
    failing: Mapping[str, float]
    quiet_before: bool
    fired: set[str]
    restarted: Mapping[str, list[str]]
    after: Mapping[str, list[str]]
    expected: Mapping[str, list[str]]
    silenced: set[str]
    silences: int


def firing(address: str) -> set[str]:
    """Return the integrations for which the alert fires."""
    found = query(address, f'ALERTS{{alertname="{FAILING_ALERT}", alertstate="firing"}}')
    return {one["metric"]["integration"] for one in found}


@pytest.fixture(scope="module")
def outage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outage]:
    folder = tmp_path_factory.mktemp("failures")
    with (
        delivery_environment(PROD, folder) as environment,
        alertmanager(folder / "alertmanager", environment.configuration) as running,
        prometheus(folder / "prometheus", running, {**PROD.rules[FAILING_ALERT], "for": FIRES_AFTER}) as metrics,
    ):
        yield _outage(environment, running, metrics)


def _outage(environment: DeliveryEnvironment, running: Alertmanager, metrics: str) -> Outage:
    inbox = environment.inbox
    # One alert per channel: page, mail and critical Slack channel; security channel; and a working channel.
    alerts = [PROD.alert(name) for name in ("NodeDown", "CredentialRotationOverdue", "NodeCpuHigh", "Watchdog")]
    silenced = PROD.alert("NodeMemoryHigh")
    expectation = {alert["labels"]["alertname"]: sorted(expected("prod", alert["labels"])) for alert in alerts}
    # NodeDown mutes the alerts of its node; NodeCpuHigh is on another node.
    running.silence("alertname", "NodeMemoryHigh")
    scraped = 'count_over_time(alertmanager_notifications_failed_total{integration="slack"}[1m]) > 1'
    wait_until(lambda: bool(query(metrics, scraped)), DELIVERED_WITHIN)
    quiet_before = firing(metrics) == set() and bool(query(metrics, scraped))

    inbox.failing |= {SLACK: (500, "server_error"), PAGES: (429, '{"status":"throttle exceeded"}')}
    security = environment.tokens / "slack-security-webhook-url"
    original = security.read_text()
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
    security.write_text(original)
    with environment.mail():
        # Prometheus keeps sending firing alerts.
        running.post([*alerts, silenced])
        wait_until(lambda: inbox.received() == expectation, DELIVERED_WITHIN)
        time.sleep(SETTLE_SECONDS)
    return Outage(
        during, dict(inbox.rejected), failing, quiet_before, fired, restarted, inbox.received(), expectation,
        {"NodeMemoryHigh"} & set(inbox.received()), len(running.silences()),
    )  # fmt: skip


def test_a_failing_receiver_is_retried(outage: Outage) -> None:
    assert set(outage.attempts) == {SLACK, PAGES}
    assert min(outage.attempts.values()) >= 3
    assert min(outage.failing.values()) >= 3


def test_other_receivers_get_their_messages(outage: Outage) -> None:
    working = {name: [to for to in addresses if to not in FAILING] for name, addresses in outage.expected.items()}
    assert outage.during == {name: addresses for name, addresses in working.items() if addresses}
    assert {"NodeCpuHigh", "Watchdog"} <= set(outage.during)


def test_the_alert_on_failing_notifications_fires_exactly_for_failing_integrations(outage: Outage) -> None:
    assert outage.quiet_before
    assert outage.fired == {"slack", "pagerduty", "email"}


FAILURES: Final = ("Slack 500", "PagerDuty 429", "mail server refused", "name not resolved", "restart")


def test_after_the_outage_and_a_restart_every_alert_is_delivered_exactly_once(
    outage: Outage, record_property: RecordProperty
) -> None:
    record_property("survived", (len(FAILURES) * int(outage.after == outage.expected), len(FAILURES)))
    received = {name: set(addresses) for name, addresses in outage.after.items()}
    record_property("lost", sum(len(set(to) - received.get(name, set())) for name, to in outage.expected.items()))
    assert outage.restarted == outage.during
    assert outage.after == outage.expected


def test_a_silence_survives_the_restart(outage: Outage) -> None:
    assert outage.silences == 1
    assert outage.silenced == set()
