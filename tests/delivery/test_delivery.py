"""Every alert of the catalogue, sent through a real Alertmanager with each stack's own configuration."""

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
from tools.delivery.alertmanager import SETTLED_AFTER, wait_until
from tools.delivery.completeness import missing
from tools.delivery.expectations import CHANNELS, UNROUTED, channel, expected, expected_of_a_stranger
from tools.delivery.figures import RecordProperty
from tools.delivery.stacks import Stack, delivering, stack, with_mark
from tools.mocked_program import STACKS

DELIVERED_WITHIN: Final = 30
# Every panel of every board, as Grafana's links name it.
OPENED: Final = {(board.uid, panel_id(slug)) for board in BOARDS for slug in board.panels}
FOREIGN: Final = {"alertname": "Foreign", "severity": "unheard-of", "area": "api", "team": "api", "service": "api"}


@dataclass(frozen=True)
class Delivery:
    """One stack's alerts, and where each was found: addresses by mark, sorted, one for every message."""

    stack: Stack
    alerts: Mapping[str, Mapping[str, Any]]
    started: datetime
    wanted: Mapping[str, list[str]]
    firing: Mapping[str, list[str]]
    resolved: Mapping[str, list[str]]
    foreign: Mapping[str, list[str]]
    routed: Mapping[str, set[str]]
    messages: Sequence[Message]


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Delivery]:
    folders = {name: tmp_path_factory.mktemp(name) for name in STACKS}
    # Each waits far more than it works.
    with ThreadPoolExecutor(len(STACKS)) as threads:
        return dict(zip(folders, threads.map(deliver, folders, folders.values()), strict=True))


@pytest.fixture(params=STACKS)
def delivery(request: pytest.FixtureRequest, deliveries: dict[str, Delivery]) -> Delivery:
    return deliveries[request.param]


def deliver(name: str, folder: Path) -> Delivery:
    """Send every alert of a stack, end them all, and send one that is not of the catalogue."""
    sent = stack(name)
    alerts = [sent.alert(each) for each in sent.rules]
    wanted = {alert["labels"]["alertname"]: sorted(expected(name, alert["labels"])) for alert in alerts}
    resolvable = {each for each, addresses in wanted.items() if addresses != [SWITCH]}
    with delivering(sent, folder) as (alertmanager, inbox):
        started = alertmanager.post(alerts)
        wait_until(lambda: inbox.received() == wanted, DELIVERED_WITHIN)
        time.sleep(SETTLED_AFTER)
        firing, routed = inbox.received(), alertmanager.receivers()
        alertmanager.post(alerts, resolved=True)
        wait_until(lambda: resolvable <= set(inbox.received(resolved=True)), DELIVERED_WITHIN)
        time.sleep(SETTLED_AFTER)
        resolved, messages = inbox.received(resolved=True), inbox.messages.copy()
        inbox.clear()
        alertmanager.post([with_mark("Foreign", FOREIGN, {})])
        wait_until(lambda: inbox.received() == {"Foreign": expected_of_a_stranger(name)}, DELIVERED_WITHIN)
        by_name = {alert["labels"]["alertname"]: alert for alert in alerts}
        return Delivery(sent, by_name, started, wanted, firing, resolved, inbox.received(), routed, messages)


def test_every_alert_arrives_once_at_each_address_of_the_table_and_nowhere_else(
    delivery: Delivery, record_property: RecordProperty
) -> None:
    exactly = [name for name, addresses in delivery.wanted.items() if delivery.firing.get(name) == addresses]
    record_property("delivered", (len(exactly), len(delivery.wanted)))
    told = {name: set(addresses) for name, addresses in delivery.firing.items()}
    record_property("lost", sum(len(set(to) - told.get(name, set())) for name, to in delivery.wanted.items()))
    assert delivery.firing == delivery.wanted


def test_no_alert_of_the_catalogue_falls_to_the_root_receiver(delivery: Delivery) -> None:
    assert set(delivery.routed) == set(delivery.stack.rules)
    assert [name for name, names in delivery.routed.items() if UNROUTED in names] == []


def test_an_alert_that_no_route_knows_pages_and_is_shouted_out(delivery: Delivery) -> None:
    assert delivery.foreign == {"Foreign": expected_of_a_stranger(delivery.stack.name)}


def test_whoever_heard_of_an_alert_hears_once_that_it_is_over(delivery: Delivery) -> None:
    assert delivery.resolved == {
        name: addresses for name, addresses in delivery.wanted.items() if addresses != [SWITCH]
    }


def test_every_message_says_all_that_its_channel_has_to_say(delivery: Delivery) -> None:
    for message in delivery.messages:
        for mark in message.marks:
            assert missing(message, delivery.alerts[mark], delivery.started) == set(), f"{mark} at {message.address}"


def test_every_link_opens_a_runbook_or_a_panel_that_is_there(delivery: Delivery) -> None:
    for name, alert in delivery.alerts.items():
        runbook, dashboard = (alert["annotations"][key] for key in ("runbook_url", "dashboard_url"))
        assert (PROJECT / "runbooks" / runbook.rpartition("/runbooks/")[2]).is_file(), name
        found = re.search(r"/d/([a-z-]+)\?viewPanel=panel-(\d+)(&var-[a-z_]+=[^&\s]+)*$", dashboard)
        assert found, name
        assert (found[1], int(found[2])) in OPENED, name


def test_a_page_is_critical(delivery: Delivery) -> None:
    pages = [message for message in delivery.messages if message.address == PAGERDUTY]
    assert bool(pages) == ("pagerduty" in CHANNELS[delivery.stack.name])
    for page in pages:
        assert page.parts["payload"]["severity"] == "critical"
        assert page.parts["dedup_key"]


def test_nothing_reaches_a_channel_that_the_stack_has_off(delivery: Delivery) -> None:
    found = {
        address for received in (delivery.firing, delivery.resolved) for each in received.values() for address in each
    }
    assert {channel(address) for address in found - {SWITCH}} == set(CHANNELS[delivery.stack.name])
