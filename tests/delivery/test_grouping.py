"""Number and time of messages: groups, repetitions, resolutions, heartbeat."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from common.durations import parse_duration
from local.demo.fake_receivers import PAGERDUTY, SWITCH, Inbox
from tools.delivery.alertmanager import SETTLE_SECONDS, Configuration, alertmanager, wait_until
from tools.delivery.expectations import expected
from tools.delivery.prometheus import prometheus, query, scrape_nothing
from tools.delivery.stacks import delivering, delivery_environment, stack

PROD: Final = stack("prod")
DELIVERED_WITHIN: Final = 20
# Factors by which the times of a route are divided: 5 minutes of the switch are 2.5 s, an hour is 6 s.
SPEED: Final = {"dead-mans-switch": 120, "critical": 600}
# Tolerance for the delivery of a message on a busy machine.
TOLERANCE: Final = 0.9


def scale_times(configuration: Configuration, original: Configuration) -> None:
    """Set the original times of the scaled routes, divided by their factors."""
    root = original["route"]
    for route, source in zip(configuration["route"]["routes"], root["routes"], strict=True):
        for name in ("group_wait", "group_interval", "repeat_interval"):
            if factor := SPEED.get(route["receiver"]):
                route[name] = f"{parse_duration(source.get(name, root[name])) * 1000 // factor}ms"


def arrivals(inbox: Inbox, address: str, *, resolved: bool = False) -> list[float]:
    return [each.at for each in inbox.messages if each.address == address and each.resolved == resolved]


def test_200_alerts_of_one_group_are_one_message(tmp_path: Path) -> None:
    causes = {"KubePodCrashLooping": "pod", "BruteForceSuspected": "source"}
    addresses = sorted(to for name in causes for to in expected("prod", PROD.alert(name)["labels"]))
    alerts = [
        PROD.alert(name, {label: f"{label}-{number}"}, place="here")
        for name, label in causes.items()
        for number in range(200)
    ]
    with delivering(PROD, tmp_path) as (alertmanager, inbox):
        alertmanager.post(alerts)
        wait_until(lambda: len(inbox.messages) >= len(addresses), DELIVERED_WITHIN)
        time.sleep(SETTLE_SECONDS)
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
        time.sleep(SETTLE_SECONDS)
        assert sorted((each.address, each.resolved) for each in inbox.messages) == [(to, True) for to in addresses]


def test_each_victim_is_an_incident_of_its_own(tmp_path: Path) -> None:
    victims = {
        "NodeDown": {"node": ("left", "right")},
        "EndpointProbeFailed": {"instance": ("left", "right")},
        "KubeVolumeFull": {"persistentvolumeclaim": ("left", "right")},
        "KubeApiServerErrors": {"cluster": ("left", "right")},
    }
    alerts = [
        PROD.alert(name, {label: value}, mark=f"{name}_{value}")
        for name, labels in victims.items()
        for label, values in labels.items()
        for value in values
    ]
    with delivering(PROD, tmp_path) as (alertmanager, inbox):
        alertmanager.post(alerts)
        wait_until(lambda: len(inbox.received()) == len(alerts), DELIVERED_WITHIN)
        pages = [message.marks for message in inbox.messages if message.address == PAGERDUTY]
    assert sorted(map(len, pages)) == [1] * len(alerts)


def test_a_firing_alert_is_repeated_on_time_and_its_resolution_follows_the_group_interval(tmp_path: Path) -> None:
    alert = PROD.alert("NodeDown")
    with delivering(PROD, tmp_path) as (alertmanager, inbox):
        alertmanager.change(lambda configuration: scale_times(configuration, PROD.configuration))
        posted = time.monotonic()
        alertmanager.post([alert, PROD.alert("Watchdog")])
        wait_until(lambda: len(arrivals(inbox, PAGERDUTY)) >= 2 and len(arrivals(inbox, SWITCH)) >= 3, DELIVERED_WITHIN)
        first, second = arrivals(inbox, PAGERDUTY)
        assert first - posted <= 30 / SPEED["critical"] + TOLERANCE
        assert 58 * 60 / SPEED["critical"] <= second - first <= 60 * 60 / SPEED["critical"] + TOLERANCE
        beats = arrivals(inbox, SWITCH)[:3]
        for earlier, later in itertools.pairwise(beats):
            assert later - earlier <= 5 * 60 / SPEED["dead-mans-switch"] + TOLERANCE
        resolved = time.monotonic()
        alertmanager.post([alert], resolved=True)
        wait_until(lambda: bool(arrivals(inbox, PAGERDUTY, resolved=True)), DELIVERED_WITHIN)
        (end,) = arrivals(inbox, PAGERDUTY, resolved=True)
        assert end - resolved <= 5 * 60 / SPEED["critical"] + TOLERANCE


# Seconds without a sample, instead of two minutes.
STALE_AFTER: Final = 3


def watchdog() -> Mapping[str, Any]:
    rule = PROD.rules["Watchdog"]
    text = rule["expr"].replace("< 120", f"< {STALE_AFTER}")
    assert text != rule["expr"]
    return {**rule, "expr": text, "annotations": {**rule["annotations"], "summary": "mark-Watchdog-end"}}


def test_the_switch_is_triggered_only_while_samples_are_ingested(tmp_path: Path) -> None:
    with (
        delivery_environment(PROD, tmp_path) as environment,
        environment.mail(),
        alertmanager(tmp_path / "alertmanager", environment.configuration) as running,
    ):
        running.change(lambda configuration: scale_times(configuration, PROD.configuration))
        with prometheus(tmp_path / "prometheus", running, watchdog()) as address:
            wait_until(lambda: bool(environment.inbox.messages), DELIVERED_WITHIN)
            assert environment.inbox.messages
            scrape_nothing(tmp_path / "prometheus", address)
            wait_until(lambda: bool(query(address, "vector(1)")) and not query(address, "ALERTS"), DELIVERED_WITHIN)
            assert query(address, "ALERTS") == []
            environment.inbox.clear()
            time.sleep(5 * 60 / SPEED["dead-mans-switch"] + TOLERANCE)
            assert environment.inbox.messages == []
