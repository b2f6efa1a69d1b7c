"""How many messages, and when: groups, repetitions, ends, and the dead man's switch."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from common.durations import parse_duration
from local.demo.fake_receivers import PAGERDUTY, SWITCH, Inbox
from tools.delivery.alertmanager import SETTLED_AFTER, Configuration, alertmanager, wait_until
from tools.delivery.prometheus import prometheus, query, scrape_nothing
from tools.delivery.stacks import delivering, delivery_environment, stack

PROD: Final = stack("prod")
DELIVERED_WITHIN: Final = 20
# How much faster the times of a route go: the switch's five minutes are 2.5 seconds, an hour is six.
FASTER: Final = {"dead-mans-switch": 120, "critical": 600}
# A message takes a moment, and a busy machine a longer one.
MOMENT: Final = 0.9


def scaled(configuration: Configuration, original: Configuration) -> None:
    """Put the original times of the scaled routes in, divided."""
    root = original["route"]
    for route, written in zip(configuration["route"]["routes"], root["routes"], strict=True):
        for name in ("group_wait", "group_interval", "repeat_interval"):
            if factor := FASTER.get(route["receiver"]):
                route[name] = f"{parse_duration(written.get(name, root[name])) * 1000 // factor}ms"


def arrivals(inbox: Inbox, address: str, *, resolved: bool = False) -> list[float]:
    return [each.at for each in inbox.messages if each.address == address and each.resolved == resolved]


def test_two_hundred_alerts_of_one_cause_are_one_message(tmp_path: Path) -> None:
    causes = {"KubePodCrashLooping": "pod", "EndpointProbeFailed": "instance"}
    addresses = sorted(["#bais-alerts", "#bais-critical", PAGERDUTY, "on-call@bais.example"])
    alerts = [
        PROD.alert(name, {label: f"{label}-{number}"}, place="here")
        for name, label in causes.items()
        for number in range(200)
    ]
    with delivering(PROD, tmp_path) as (alertmanager, inbox):
        alertmanager.post(alerts)
        wait_until(lambda: len(inbox.messages) >= len(addresses), DELIVERED_WITHIN)
        time.sleep(SETTLED_AFTER)
        assert sorted(message.address for message in inbox.messages) == addresses
        for message in inbox.messages:
            if message.address == PAGERDUTY:
                details = message.parts["payload"]["custom_details"]
                assert (details["num_firing"], len(details["firing"])) == (200, 20)
            else:
                assert "[FIRING 200]" in message.text
                assert f"the first {20 if '@' in message.address else 5} of 200" in message.text
        inbox.clear()
        alertmanager.post(alerts, resolved=True)
        wait_until(lambda: len(inbox.messages) >= len(addresses), DELIVERED_WITHIN)
        time.sleep(SETTLED_AFTER)
        assert sorted((each.address, each.resolved) for each in inbox.messages) == [(to, True) for to in addresses]


def test_what_lasts_is_repeated_when_it_is_due_and_what_is_over_is_told_at_the_next_look(tmp_path: Path) -> None:
    alert = PROD.alert("NodeDown")
    with delivering(PROD, tmp_path) as (alertmanager, inbox):
        alertmanager.change(lambda configuration: scaled(configuration, PROD.configuration))
        posted = time.monotonic()
        alertmanager.post([alert, PROD.alert("Watchdog")])
        wait_until(lambda: len(arrivals(inbox, PAGERDUTY)) >= 2 and len(arrivals(inbox, SWITCH)) >= 3, DELIVERED_WITHIN)
        first, second = arrivals(inbox, PAGERDUTY)
        assert first - posted <= 30 / FASTER["critical"] + MOMENT
        assert 58 * 60 / FASTER["critical"] <= second - first <= 60 * 60 / FASTER["critical"] + MOMENT
        beats = arrivals(inbox, SWITCH)[:3]
        for earlier, later in itertools.pairwise(beats):
            assert later - earlier <= 5 * 60 / FASTER["dead-mans-switch"] + MOMENT
        over = time.monotonic()
        alertmanager.post([alert], resolved=True)
        wait_until(lambda: bool(arrivals(inbox, PAGERDUTY, resolved=True)), DELIVERED_WITHIN)
        (end,) = arrivals(inbox, PAGERDUTY, resolved=True)
        assert end - over <= 5 * 60 / FASTER["critical"] + MOMENT


# Seconds without a sample, in the place of two minutes.
STALE_AFTER: Final = 3


def watchdog() -> Mapping[str, Any]:
    rule = PROD.rules["Watchdog"]
    text = rule["expr"].replace("< 120", f"< {STALE_AFTER}")
    assert text != rule["expr"]
    return {**rule, "expr": text, "annotations": {**rule["annotations"], "summary": "mark-Watchdog-end"}}


def test_the_switch_is_told_while_samples_come_and_no_more_when_they_do_not(tmp_path: Path) -> None:
    with (
        delivery_environment(PROD, tmp_path) as around,
        around.mail(),
        alertmanager(tmp_path / "alertmanager", around.configuration) as running,
    ):
        running.change(lambda configuration: scaled(configuration, PROD.configuration))
        with prometheus(tmp_path / "prometheus", running, watchdog()) as address:
            wait_until(lambda: bool(around.inbox.messages), DELIVERED_WITHIN)
            assert around.inbox.messages
            scrape_nothing(tmp_path / "prometheus", address)
            wait_until(lambda: bool(query(address, "vector(1)")) and not query(address, "ALERTS"), DELIVERED_WITHIN)
            assert query(address, "ALERTS") == []
            around.inbox.clear()
            time.sleep(5 * 60 / FASTER["dead-mans-switch"] + MOMENT)
            assert around.inbox.messages == []
