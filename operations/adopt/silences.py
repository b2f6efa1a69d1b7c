"""Silences of the previous Alertmanager: which are copied, and the one that hands over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from operations.adopt.alerts import HEARTBEAT

# Of Alertmanager's API.
PATH: Final = "/api/v2/silences"
# Author of the hand-over, by which a later run finds it.
AUTHOR: Final = "make adopt"
HAND_OVER: Final = timedelta(days=30)
# A later run extends the hand-over before it ends.
_EXTEND: Final = timedelta(days=7)
# External labels that the operator sets, with another value in each Prometheus.
_OWN_LABELS: Final = ("prometheus", "prometheus_replica")

Silence = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A silence that this stack's Alertmanager must have.

    Attributes:
        original: Id of the silence in the previous Alertmanager.
        body: Silence to post; with the id of an existing copy to change it. None if nothing is to do.
        note: What is different for this stack's alerts; empty if nothing.
    """

    original: str
    body: Mapping[str, Any] | None
    note: str


def running(silences: Iterable[Silence]) -> list[Silence]:
    """Return the silences that are active or will be, without a hand-over."""
    return [
        each for each in silences if each["status"]["state"] in ("active", "pending") and each["createdBy"] != AUTHOR
    ]


def copies(
    previous: Iterable[Silence], own: Sequence[Silence], source: str, known_alerts: frozenset[str], now: datetime
) -> list[Copy]:
    """Return what to do about each running silence of the previous Alertmanager.

    `source` is the name of that Alertmanager, `known_alerts` the alerts that this stack evaluates. A copy that someone
    has ended in this stack is not created again.
    """
    return [_copy(each, own, source, known_alerts, now) for each in running(previous)]


def _copy(silence: Silence, own: Sequence[Silence], source: str, known: frozenset[str], now: datetime) -> Copy:
    mark = _mark(silence["id"], source)
    found = [each for each in own if mark in each["comment"]]
    # A changed silence is a new one, and the one before it is expired.
    live = [each for each in found if each["status"]["state"] != "expired"]
    body: dict[str, Any] = {
        "matchers": silence["matchers"],
        "startsAt": max(_time(silence["startsAt"]), now).isoformat(),
        "endsAt": silence["endsAt"],
        "createdBy": silence["createdBy"],
        "comment": f"{silence['comment']} {mark}",
    }
    is_done = bool(found) and (not live or _is_same(live[0], silence))
    if live:
        body |= {"id": live[0]["id"], "startsAt": live[0]["startsAt"]}
    return Copy(original=silence["id"], body=None if is_done else body, note=_note(silence, known))


def _mark(identifier: str, source: str) -> str:
    return f"[silence {identifier} of {source}]"


def _is_same(copy: Silence, silence: Silence) -> bool:
    return _matchers(copy) == _matchers(silence) and _time(copy["endsAt"]) == _time(silence["endsAt"])


def _note(silence: Silence, known: frozenset[str]) -> str:
    """Return why a silence may mute less here than before."""
    for matcher in silence["matchers"]:
        name, value = matcher["name"], matcher["value"]
        if name in _OWN_LABELS and matcher.get("isEqual", True):
            return f'matches no alert here: label {name} is another one than "{value}"'
        if name == "alertname" and matcher.get("isEqual", True) and not _mutes(matcher, known):
            return f"matches no alert here: no rule is called {value}"
    return ""


def _mutes(matcher: Mapping[str, Any], known: frozenset[str]) -> bool:
    if not matcher["isRegex"]:
        return matcher["value"] in known
    try:
        return any(re.fullmatch(matcher["value"], each) for each in known)
    except re.error:
        return True  # Another syntax than that of Alertmanager: nothing is known.


def hand_over(stack: str, still_paged: Iterable[str], now: datetime) -> dict[str, Any]:
    """Return the silence of the previous Alertmanager after which only this stack notifies.

    Not muted are the heartbeat, for which a service may wait, and the alerts that this stack does not cover.
    """
    excluded = sorted({HEARTBEAT, *still_paged})
    return {
        "matchers": [
            {"name": "alertname", "value": ".+", "isRegex": True, "isEqual": True},
            {"name": "alertname", "value": "|".join(map(re.escape, excluded)), "isRegex": True, "isEqual": False},
        ],
        "startsAt": now.isoformat(),
        "endsAt": (now + HAND_OVER).isoformat(),
        "createdBy": AUTHOR,
        "comment": f"handed over to stack {stack}; to take it back: make adopt STACK={stack} ROLLBACK=yes",
    }


def existing_hand_over(silences: Iterable[Silence]) -> Silence | None:
    """Return the active hand-over of a previous Alertmanager; None without one."""
    active = (each for each in silences if each["createdBy"] == AUTHOR and each["status"]["state"] == "active")
    return next(active, None)


def is_current(existing: Silence, wanted: Silence, now: datetime) -> bool:
    """Return whether an existing hand-over mutes the right alerts, and long enough."""
    return _matchers(existing) == _matchers(wanted) and _time(existing["endsAt"]) > now + _EXTEND


def _matchers(silence: Silence) -> list[tuple[str, str, bool, bool]]:
    return sorted(
        (each["name"], each["value"], bool(each["isRegex"]), bool(each.get("isEqual", True)))
        for each in silence["matchers"]
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
