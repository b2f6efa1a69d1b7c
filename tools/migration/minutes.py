"""Alerts that show in which minutes which stack has notified."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from local.demo.message_log import LoggedMessage

NAME: Final = "PagerProbe"
OLD_CHANNEL: Final = "#search-alerts"
NEW_CHANNEL: Final = "#bais-alerts"
_MINUTE: Final = re.compile(rf"{NAME} minute-(\d+)-end")
_SECONDS: Final = 60


@dataclass(frozen=True, kw_only=True)
class Minute:
    """A minute, and which stack has notified its alert.

    Attributes:
        start: Its start, such as `12:07`.
        old: Whether the previous stack has.
        new: Whether this one has.
    """

    start: str
    old: bool
    new: bool


def probe_rule(namespace: str, labels: dict[str, str]) -> dict[str, Any]:
    """Return a PrometheusRule with a new alert every minute, which is a group of its own in both stacks."""
    alert = {
        "alert": NAME,
        "expr": f'count_values("instance", floor(vector(time() / {_SECONDS})))',
        "labels": {"severity": "warning", "namespace": namespace},
        "annotations": {"summary": f"{NAME} minute-{{{{ $labels.instance }}}}-end"},
    }
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "pager-probe", "namespace": namespace, "labels": labels},
        "spec": {"groups": [{"name": "pager-probe", "rules": [alert]}]},
    }


def minutes(messages: Iterable[LoggedMessage], until: datetime) -> list[Minute]:
    """Return every minute from the first notification to a time, without the last, which may still be notified."""
    found: dict[str, set[int]] = {OLD_CHANNEL: set(), NEW_CHANNEL: set()}
    for message in messages:
        if message.address in found and not message.resolved:
            found[message.address] |= {int(number) for number in _MINUTE.findall(message.text)}
    old, new = found[OLD_CHANNEL], found[NEW_CHANNEL]
    last = int(until.timestamp()) // _SECONDS
    return [
        Minute(start=f"{datetime.fromtimestamp(number * _SECONDS, UTC):%H:%M}", old=number in old, new=number in new)
        for number in range(min(old | new, default=last), last)
    ]
