"""The alert of a test notification, and the channels of its receiver."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from catalogue.model import AREAS
from catalogue.platform import CATALOGUE_LABEL
from common.durations import parse_duration
from common.problems import Problem, suggestion
from routing.matching import receivers_reached

ALERT: Final = "TestNotification"

# The Watchdog tests this receiver every few minutes, and an alert of this name would hide a dead stack.
_WATCHED: Final = "dead-mans-switch"
_SEVERITIES: Final = ("info", "warning", "critical")
# Alertmanager's defaults of `send_resolved` that are not true.
_RESOLVED_UNSENT: Final = ("slack_configs", "email_configs")

Configuration = Mapping[str, Any]


class PageError(Exception):
    """A test notification cannot be sent; the message says why."""


@dataclass(frozen=True, kw_only=True)
class PageAlert:
    """An alert that reaches a receiver.

    Attributes:
        receiver: Name of the receiver.
        others: Receivers that get it, too.
        labels: Its labels.
        channels: Number of messages by channel, such as `slack`.
        resolved_channels: The same for the resolution.
        first_seconds: Longest time until Alertmanager sends the first message.
        next_seconds: Longest time until Alertmanager sends the next one.
    """

    receiver: str
    others: tuple[str, ...]
    labels: Mapping[str, str]
    channels: Mapping[str, int]
    resolved_channels: Mapping[str, int]
    first_seconds: float
    next_seconds: float

    def of_its_own(self, start: datetime) -> PageAlert:
        """Return the alert in a group of its own.

        In the group of an earlier test, it would wait until the resolution of that one is due.
        """
        return replace(self, labels={**self.labels, "instance": f"test-{start:%Y%m%d-%H%M%S}"})

    def body(self, stack: str, start: datetime, end: datetime) -> list[Mapping[str, Any]]:
        """Return the alert in the form of Alertmanager's API; it ends by itself at the end."""
        summary = f"Test notification of stack {stack} to receiver {self.receiver}: no action needed"
        description = "Sent by make page to prove that this channel works. It resolves within minutes."
        return [
            {
                "labels": dict(self.labels),
                "annotations": {"summary": summary, "description": description},
                "startsAt": start.isoformat(),
                "endsAt": end.isoformat(),
            }
        ]


def alert_for(configuration: Configuration, receiver: str, origin: Mapping[str, str]) -> PageAlert:
    """Return the alert that reaches a receiver and as few others as possible.

    `origin` are the labels that Prometheus adds to each alert. Raises PageError if the receiver cannot be tested.
    """
    by_name = {each["name"]: each for each in configuration["receivers"]}
    candidates = list(_candidates(configuration, receiver, origin)) if receiver in by_name else []
    if receiver == _WATCHED or not candidates or not _channels(by_name[receiver]):
        raise PageError(str(Problem("CHANNEL", receiver or "nothing", _allowed(configuration, receiver, origin))))
    labels, reached = min(candidates, key=lambda each: len(each[1]))
    route = _route_of(configuration["route"], receiver)
    return PageAlert(
        receiver=receiver,
        others=tuple(each for each in reached if each != receiver and _channels(by_name[each])),
        labels=labels,
        channels=_channels(by_name[receiver]),
        resolved_channels=_channels(by_name[receiver], only_resolved=True),
        first_seconds=parse_duration(route["group_wait"]),
        next_seconds=parse_duration(route["group_interval"]),
    )


def pageable_receivers(configuration: Configuration, origin: Mapping[str, str]) -> list[str]:
    """Return the receivers with a channel that an alert of the catalogue can reach."""
    return [
        each["name"]
        for each in configuration["receivers"]
        if each["name"] != _WATCHED and _channels(each) and any(_candidates(configuration, each["name"], origin))
    ]


def _allowed(configuration: Configuration, receiver: str, origin: Mapping[str, str]) -> str:
    if receiver == _WATCHED:
        return "another receiver; the Watchdog tests this one every minute: see `make health`"
    return suggestion(receiver, pageable_receivers(configuration, origin))


def _candidates(
    configuration: Configuration, receiver: str, origin: Mapping[str, str]
) -> Iterator[tuple[Mapping[str, str], tuple[str, ...]]]:
    """Yield labels that reach a receiver, with all receivers that they reach."""
    for severity, area, team, slo in itertools.product(_SEVERITIES, AREAS, _teams(configuration), ("", "test")):
        labels = {
            **origin,
            **dict([CATALOGUE_LABEL]),
            "alertname": ALERT,
            "severity": severity,
            "area": area,
            "team": team,
            "service": "test-notification",
            **({"slo": slo} if slo else {}),
        }
        reached = receivers_reached(configuration, labels)
        if receiver in reached:
            yield labels, reached


def _teams(configuration: Configuration) -> list[str]:
    """Return the teams of the routes, after one that no route names."""
    prefix, found = 'team="', ["platform"]
    for route in configuration["route"].get("routes", ()):
        found += [each[len(prefix) : -1] for each in route.get("matchers", ()) if each.startswith(prefix)]
    return list(dict.fromkeys(found))


def _channels(receiver: Mapping[str, Any], *, only_resolved: bool = False) -> dict[str, int]:
    found = {}
    for kind, channels in receiver.items():
        if not kind.endswith("_configs"):
            continue
        sending = [each for each in channels if each.get("send_resolved", kind not in _RESOLVED_UNSENT)]
        if count := len(sending if only_resolved else channels):
            found[kind.removesuffix("_configs")] = count
    return found


def _route_of(root: Mapping[str, Any], receiver: str) -> Mapping[str, Any]:
    """Return the times of the route to a receiver, with those that it inherits."""
    own: Mapping[str, Any] = next((each for each in root.get("routes", ()) if each["receiver"] == receiver), {})
    return {**root, **own}
