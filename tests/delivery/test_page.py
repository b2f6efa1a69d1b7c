"""Test notifications through a real Alertmanager with production's routes; the receivers are fakes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import pytest

from local.demo.fake_receivers import PAGERDUTY, Inbox
from operations.page.alert import ALERT, alert_for
from operations.page.delivery import Delivery, Progress
from tools.delivery.alertmanager import Alertmanager, wait_until
from tools.delivery.stacks import delivering, stack

PROD: Final = stack("prod")
ADDRESSES: Final = {"#bais-critical", PAGERDUTY, "on-call@bais.example"}
DELIVERED_WITHIN: Final = 20


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Alertmanager, Inbox]]:
    with delivering(PROD, tmp_path_factory.mktemp("page")) as both:
        yield both


def prepare(alertmanager: Alertmanager, receiver: str = "critical") -> Delivery:
    alert = alert_for(PROD.configuration, receiver, PROD.origin)
    # The timings of the routes are shortened.
    return Delivery(replace(alert, first_seconds=0, next_seconds=0), "prod", [alertmanager.address])


def addresses(inbox: Inbox, *, resolved: bool) -> list[str]:
    return sorted(each.address for each in inbox.messages if each.resolved == resolved and ALERT in each.text)


def test_every_channel_gets_the_alert_and_its_resolution_once(running: tuple[Alertmanager, Inbox]) -> None:
    alertmanager, inbox = running
    delivery = prepare(alertmanager)
    *_, last = delivery.fire()
    assert last == Progress(delivered=("pagerduty", "slack", "email"), failing=(), missing=())
    assert addresses(inbox, resolved=False) == sorted(ADDRESSES)

    delivery.end()
    *_, last = delivery.resolve()
    assert last.missing == ()
    assert addresses(inbox, resolved=True) == sorted(ADDRESSES)
    assert addresses(inbox, resolved=False) == sorted(ADDRESSES)


def test_a_channel_that_refuses_messages_is_failing_and_its_message_is_missing(
    running: tuple[Alertmanager, Inbox],
) -> None:
    alertmanager, inbox = running
    wait_until(lambda: ALERT not in alertmanager.receivers(), DELIVERED_WITHIN)
    inbox.failing["/v2/enqueue"] = (429, '{"status":"throttle exceeded"}')
    delivery = prepare(alertmanager)
    try:
        found = next(each for each in delivery.fire() if each.failing)
    finally:
        delivery.end()
        inbox.failing.clear()
    assert (found.failing, found.missing) == (("pagerduty",), ("pagerduty",))
    assert set(found.delivered) == {"slack", "email"}


def test_a_silenced_alert_is_reported_with_its_silence(running: tuple[Alertmanager, Inbox]) -> None:
    alertmanager, inbox = running
    alertmanager.silence("alertname", ALERT)
    delivery = prepare(alertmanager, "security")
    *_, last = delivery.fire()
    delivery.end()
    (silence,) = alertmanager.silences()
    assert last.muted == f"silence {silence['id']}"
    assert not {"#bais-security", "security@bais.example"} & set(addresses(inbox, resolved=False))
