"""Every alert of the catalogue, delivered with the configuration of each stack."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest

from catalogue.panel_links import panel_id
from common.project import PROJECT
from dashboards.stack import BOARDS
from local.demo.fake_receivers import PAGERDUTY, SWITCH, Message
from tools.delivery.alertmanager import SETTLE_SECONDS, wait_until
from tools.delivery.completeness import missing
from tools.delivery.expectations import CHANNELS, UNROUTED, channel, expected, expected_of_foreign, expected_of_unrouted
from tools.delivery.figures import RecordProperty
from tools.delivery.stacks import Stack, delivering, stack, with_mark
from tools.mocked_program import STACKS

DELIVERED_WITHIN: Final = 30
# Board uid and panel id of every panel.
PANELS: Final = {(board.uid, panel_id(slug)) for board in BOARDS for slug in board.panels}
FOREIGN: Final = {"alertname": "Watchdog", "severity": "critical", "area": "api", "team": "api", "service": "api"}
UNKNOWN: Final = {**FOREIGN, "alertname": "Unknown", "severity": "unknown", "catalogue": "bais"}


@dataclass(frozen=True)
class Delivery:
    """Alerts of a stack, and the sorted addresses of their messages by mark."""

    stack: Stack
    alerts: Mapping[str, Mapping[str, Any]]
    started: datetime
    expected: Mapping[str, list[str]]
    firing: Mapping[str, list[str]]
    resolved: Mapping[str, list[str]]
    others: Mapping[str, list[str]]
    routed: Mapping[str, set[str]]
    messages: Sequence[Message]


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Delivery]:
    folders = {name: tmp_path_factory.mktemp(name) for name in STACKS}
    # The stacks mostly wait, so they run in parallel.
    with ThreadPoolExecutor(len(STACKS)) as threads:
        return dict(zip(folders, threads.map(deliver, folders, folders.values()), strict=True))


@pytest.fixture(params=STACKS)
def delivery(request: pytest.FixtureRequest, deliveries: dict[str, Delivery]) -> Delivery:
    return deliveries[request.param]


def deliver(name: str, folder: Path) -> Delivery:
    """Send and resolve every alert of a stack, and send alerts that are not of the catalogue or of no severity."""
    sent = stack(name)
    # A cluster per alert, because some mute others of their cluster.
    alerts = [sent.alert(each, {"cluster": each.lower()}) for each in sent.rules]
    expectation = {alert["labels"]["alertname"]: sorted(expected(name, alert["labels"])) for alert in alerts}
    resolvable = {each: addresses for each, addresses in expectation.items() if addresses != [SWITCH]}
    with delivering(sent, folder) as (alertmanager, inbox):
        started = alertmanager.post(alerts)
        wait_until(lambda: inbox.received() == expectation, DELIVERED_WITHIN)
        time.sleep(SETTLE_SECONDS)
        firing, routed = inbox.received(), alertmanager.receivers()
        alertmanager.post(alerts, resolved=True)
        wait_until(lambda: inbox.received(resolved=True) == resolvable, DELIVERED_WITHIN)
        time.sleep(SETTLE_SECONDS)
        resolved, messages = inbox.received(resolved=True), inbox.messages.copy()
        inbox.clear()
        alertmanager.post([with_mark("Foreign", FOREIGN, {}), with_mark("Unknown", UNKNOWN, {})])
        others = {"Foreign": expected_of_foreign(name), "Unknown": expected_of_unrouted(name)}
        wait_until(lambda: inbox.received() == others, DELIVERED_WITHIN)
        by_name = {alert["labels"]["alertname"]: alert for alert in alerts}
        return Delivery(sent, by_name, started, expectation, firing, resolved, inbox.received(), routed, messages)


def test_every_alert_arrives_exactly_once_at_each_expected_address(
    delivery: Delivery, record_property: RecordProperty
) -> None:
    correct = [name for name, addresses in delivery.expected.items() if delivery.firing.get(name) == addresses]
    record_property("delivered", (len(correct), len(delivery.expected)))
    received = {name: set(addresses) for name, addresses in delivery.firing.items()}
    record_property("lost", sum(len(set(to) - received.get(name, set())) for name, to in delivery.expected.items()))
    assert delivery.firing == delivery.expected


def test_no_alert_of_the_catalogue_reaches_the_root_receiver(delivery: Delivery) -> None:
    assert set(delivery.routed) == set(delivery.stack.rules)
    assert [name for name, names in delivery.routed.items() if UNROUTED in names] == []


def test_an_alert_of_the_catalogue_without_a_matching_route_pages_and_is_posted_to_slack(delivery: Delivery) -> None:
    assert delivery.others["Unknown"] == expected_of_unrouted(delivery.stack.name)


def test_an_alert_of_other_rules_never_pages_and_does_not_reach_the_switch(delivery: Delivery) -> None:
    assert delivery.others["Foreign"] == expected_of_foreign(delivery.stack.name)


def test_every_receiver_of_an_alert_gets_its_resolution_once(delivery: Delivery) -> None:
    assert delivery.resolved == {
        name: addresses for name, addresses in delivery.expected.items() if addresses != [SWITCH]
    }


def test_every_message_is_complete_for_its_channel(delivery: Delivery) -> None:
    incomplete = {
        f"{mark} at {message.address}": facts
        for message in delivery.messages
        for mark in message.marks
        if (facts := missing(message, delivery.alerts[mark], delivery.started))
    }
    assert delivery.messages
    assert incomplete == {}, "add these facts to the templates in routing/templates/"


def test_every_link_opens_an_existing_runbook_or_panel(delivery: Delivery) -> None:
    for name, alert in delivery.alerts.items():
        runbook, dashboard = (alert["annotations"][key] for key in ("runbook_url", "dashboard_url"))
        assert (PROJECT / "runbooks" / runbook.rpartition("/runbooks/")[2]).is_file(), name
        found = re.search(r"/d/([a-z-]+)\?viewPanel=(\d+)(&var-[a-z_]+=[^&\s]+)*$", dashboard)
        assert found, name
        assert (found[1], int(found[2])) in PANELS, name


def test_every_page_is_critical(delivery: Delivery) -> None:
    pages = [message for message in delivery.messages if message.address == PAGERDUTY]
    assert bool(pages) == ("pagerduty" in CHANNELS[delivery.stack.name])
    for page in pages:
        assert page.parts["payload"]["severity"] == "critical"
        assert page.parts["dedup_key"]


def test_nothing_reaches_a_disabled_channel(delivery: Delivery) -> None:
    found = {
        address for received in (delivery.firing, delivery.resolved) for each in received.values() for address in each
    }
    assert {channel(address) for address in found - {SWITCH}} == set(CHANNELS[delivery.stack.name])
