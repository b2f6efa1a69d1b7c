"""Comparison of the messages of a scenario with those that are wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from common.durations import format_duration, parse_duration
from tools.scenarios.model import Notification, Scenario
from tools.scenarios.notifications import Message

# Kinds of channels that wake someone.
_PAGING: Final = frozenset(f"{name}_configs" for name in ("pagerduty", "opsgenie", "victorops", "incidentio"))


@dataclass(frozen=True)
class Incident:
    """All messages of one group to one receiver.

    Attributes:
        receiver: Name of the receiver.
        first: Second of its first message.
        alerts: Labels of every alert in its messages.
        messages: Number of messages with a firing alert in its busiest channel.
        channels: Number of its channels that got a message.
    """

    receiver: str
    first: float
    alerts: tuple[Mapping[str, str], ...]
    messages: int
    channels: int

    @property
    def names(self) -> tuple[str, ...]:
        """Names of its alerts, sorted."""
        return tuple(sorted({alert["alertname"] for alert in self.alerts}))

    @property
    def common_labels(self) -> dict[str, str]:
        """Labels that all of its alerts have."""
        first, *others = self.alerts
        return {name: value for name, value in first.items() if all(each.get(name) == value for each in others)}

    def differences(self, wanted: Notification) -> list[str]:
        """Return what is different from the wanted notification; empty if it is that."""
        found = []
        if self.messages != wanted.messages:
            found.append(f"{self.messages} messages instead of {wanted.messages}")
        labels = {name: value for name, value in wanted.labels.items() if self.common_labels.get(name) != value}
        if labels:
            found.append(f"its alerts do not all have {_text(labels)}")
        if wanted.within and self.first > parse_duration(wanted.within):
            found.append(f"first message after {format_duration(round(self.first))} instead of within {wanted.within}")
        return found

    def __str__(self) -> str:
        """Return receiver, alerts and number of messages."""
        unit = "message" if self.messages == 1 else "messages"
        place = {name: value for name, value in self.common_labels.items() if name not in _NOT_A_PLACE}
        at = format_duration(max(round(self.first), 1))
        return f"{self.receiver}: {', '.join(self.names)} {_text(place)}, {self.messages} {unit}, first after {at}"


@dataclass(frozen=True)
class Outcome:
    """What a scenario caused, beside what it should have.

    Attributes:
        scenario: The scenario.
        incidents: What receivers got, without those that are ignored.
        paging: Receivers that wake someone.
        seconds: Duration of its evaluation and delivery.
    """

    scenario: Scenario
    incidents: tuple[Incident, ...]
    paging: frozenset[str]
    seconds: float = 0

    @cached_property
    def _matched(self) -> tuple[list[tuple[Notification, Incident | None]], list[Incident]]:
        left = list(self.incidents)
        pairs: list[tuple[Notification, Incident | None]] = []
        for wanted in self.scenario.notifications:
            same = [
                each
                for each in left
                if each.receiver == wanted.receiver and each.names == tuple(sorted(set(wanted.alerts)))
            ]
            best = min(same, key=lambda each: len(each.differences(wanted)), default=None)
            if best:
                left.remove(best)
            pairs.append((wanted, best))
        return pairs, left

    @property
    def problems(self) -> list[str]:
        """Everything that differs from what is wanted; empty if the scenario passes."""
        pairs, unexpected = self._matched
        found = []
        for wanted, incident in pairs:
            if incident is None:
                found.append(f"missing: {wanted.receiver}: {', '.join(sorted(wanted.alerts))}")
            else:
                found += (f"{difference}: {incident}" for difference in incident.differences(wanted))
        return found + [f"not wanted: {incident}" for incident in unexpected]

    @property
    def passed(self) -> bool:
        """Whether everything is as wanted."""
        return not self.problems

    @property
    def missed_pages(self) -> int:
        """Number of wanted incidents that did not reach a receiver that pages."""
        return sum(wanted.receiver in self.paging and incident is None for wanted, incident in self._matched[0])

    @property
    def received_pages(self) -> int:
        """Number of wanted incidents that did."""
        return sum(wanted.receiver in self.paging and incident is not None for wanted, incident in self._matched[0])

    @property
    def unexpected_pages(self) -> int:
        """Number of incidents at a receiver that pages that is not wanted."""
        return sum(incident.receiver in self.paging for incident in self._matched[1])

    def plain(self) -> dict[str, Any]:
        """Return the outcome for JSON."""
        return {
            "scenario": self.scenario.name,
            "family": self.scenario.family,
            "story": self.scenario.story,
            "passed": self.passed,
            "open": self.scenario.open,
            "problems": self.problems,
            "notifications": [str(incident) for incident in self.incidents],
        }


# Labels that say what an alert is, not whom it concerns.
_NOT_A_PLACE: Final = frozenset({"alertname", "severity", "team", "area", "environment", "cluster", "source"})


def incidents(messages: Iterable[Message], ignored: Sequence[str] = ()) -> tuple[Incident, ...]:
    """Return the incidents of these messages by time, without those of the ignored receivers."""
    groups: dict[tuple[str, str], list[Message]] = {}
    for message in messages:
        if message.firing and message.receiver not in ignored:
            groups.setdefault((message.receiver, message.group), []).append(message)
    return tuple(sorted((_incident(found) for found in groups.values()), key=lambda each: (each.first, each.receiver)))


def paging_receivers(configuration: Mapping[str, Any]) -> frozenset[str]:
    """Return the receivers with a channel that wakes someone."""
    return frozenset(receiver["name"] for receiver in configuration["receivers"] if _PAGING & set(receiver))


def _incident(messages: Sequence[Message]) -> Incident:
    alerts = {tuple(sorted(alert.items())): alert for message in messages for alert in message.firing}
    channels = Counter(message.channel for message in messages)
    return Incident(
        messages[0].receiver,
        min(message.second for message in messages),
        tuple(alerts.values()),
        max(channels.values()),
        len(channels),
    )


def _text(labels: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{name}={value}" for name, value in sorted(labels.items())) + "}"
