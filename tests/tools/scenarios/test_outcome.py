"""Comparison of what arrived with what is wanted."""

from typing import Any

import pytest

from tools.scenarios.model import Notification, Scenario
from tools.scenarios.notifications import Message, prepared
from tools.scenarios.outcome import Outcome, incidents, paging_receivers

NODE = {"alertname": "NodeDown", "node": "a", "severity": "critical"}
DISK = {"alertname": "DiskFull", "node": "a", "severity": "critical"}


def message(*firing: dict[str, str], second: float = 60, receiver: str = "on-call", **others: Any) -> Message:
    return Message(second, receiver, others.get("channel", "slack 0"), others.get("group", "g"), firing, ())


def problems(*notifications: Notification, messages: list[Message]) -> list[str]:
    wanted = Scenario(story="s", wanted="w", family="f", end="1h", notifications=notifications)
    return Outcome(wanted, incidents(messages, ["nobody"]), frozenset({"on-call"})).problems


def wanted(*alerts: str, **fields: Any) -> Notification:
    return Notification(receiver="on-call", alerts=alerts, **fields)


def test_messages_of_a_group_to_several_channels_are_one_incident() -> None:
    messages = [message(NODE), message(NODE, channel="pagerduty 0")]
    assert problems(wanted("NodeDown"), messages=messages) == []


def test_an_incident_has_the_alerts_of_all_its_messages() -> None:
    messages = [message(NODE), message(NODE, DISK)]
    assert problems(wanted("DiskFull", "NodeDown", messages=2, labels={"node": "a"}), messages=messages) == []


@pytest.mark.parametrize(
    ("notification", "messages", "problem"),
    [
        (wanted("NodeDown"), [], "missing: on-call: NodeDown"),
        (wanted("NodeDown"), [message(DISK)], "not wanted: on-call: DiskFull"),
        (wanted("NodeDown"), [message(NODE), message(NODE)], "2 messages instead of 1"),
        (wanted("NodeDown", labels={"node": "b"}), [message(NODE)], "do not all have {node=b}"),
        (wanted("NodeDown", within="30s"), [message(NODE)], "instead of within 30s"),
        (wanted("NodeDown"), [message(NODE), message(NODE, group="h")], "not wanted: on-call: NodeDown {node=a}"),
        (wanted("NodeDown"), [message(NODE, receiver="chat")], "not wanted: chat: NodeDown"),
    ],
)
def test_every_difference_is_a_problem(notification: Notification, messages: list[Message], problem: str) -> None:
    assert any(problem in found for found in problems(notification, messages=messages))


def test_ignored_receivers_and_resolutions_are_no_incidents() -> None:
    resolved = Message(90, "on-call", "slack 0", "g", (), (NODE,))
    assert problems(messages=[message(NODE, receiver="nobody"), resolved]) == []


def test_pages_are_counted_by_what_is_wanted() -> None:
    messages = [message(NODE), message(DISK, group="h"), message(DISK, receiver="chat")]
    scenario = Scenario(
        story="s", wanted="w", family="f", end="1h", notifications=(wanted("NodeDown"), wanted("ApiDown"))
    )
    outcome = Outcome(scenario, incidents(messages), frozenset({"on-call"}))
    assert (outcome.received_pages, outcome.missed_pages, outcome.unexpected_pages) == (1, 1, 1)
    assert not outcome.passed


CONFIGURATION: dict[str, Any] = {
    "route": {
        "receiver": "chat",
        "group_wait": "30s",
        "mute_time_intervals": ["night"],
        "routes": [
            {
                "receiver": "on-call",
                "routes": [{"receiver": "daily", "group_interval": "24h", "repeat_interval": "2d"}],
            }
        ],
    },
    "time_intervals": [{"name": "night"}],
    "receivers": [
        {"name": "on-call", "pagerduty_configs": [{}], "slack_configs": [{}, {"send_resolved": True}]},
        {"name": "chat", "slack_configs": [{}]},
        {"name": "daily"},
    ],
}


def test_every_channel_of_a_receiver_becomes_a_webhook_that_tells_which_it_is() -> None:
    on_call, chat, daily = prepared(CONFIGURATION, "http://127.0.0.1:1")["receivers"]
    urls = [(each["url"].rsplit("/", 1)[1], each["send_resolved"]) for each in on_call["webhook_configs"]]
    assert urls == [("pagerduty%200", True), ("slack%200", False), ("slack%201", True)]
    assert len(chat["webhook_configs"]) == 1
    assert "webhook_configs" not in daily


def test_waits_of_every_route_are_scaled_and_mute_times_removed() -> None:
    route = prepared(CONFIGURATION, "http://127.0.0.1:1")["route"]
    child = route["routes"][0]
    assert (route["group_wait"], route["group_interval"]) == ("500ms", "5000ms")
    assert (child["group_wait"], child["group_interval"]) == ("500ms", "5000ms")
    assert child["routes"][0]["group_interval"] == "1000h"
    assert "mute_time_intervals" not in route


def test_receivers_that_page_have_a_channel_that_wakes_someone() -> None:
    assert paging_receivers(CONFIGURATION) == {"on-call"}
