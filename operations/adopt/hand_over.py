"""Hand-over: the previous Alertmanagers are muted once this stack is proven to notify, and on request unmuted."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from catalogue.platform import CATALOGUE_LABEL
from operations.adopt import silences
from operations.adopt.alerts import HEARTBEAT
from operations.adopt.migration import Migration, present
from operations.adopt.model import State, Step, some
from operations.adopt.servers import Server, ServerError, request

# Replicas tell each other about a silence within seconds.
_GOSSIP_SECONDS: Final = 30.0
_PAUSE_SECONDS: Final = 0.5


def is_handed_over(migration: Migration) -> bool:
    """Return whether every previous Alertmanager is muted already.

    Raises:
        ServerError: one of them does not answer.
    """
    servers = migration.previous_alertmanagers
    return bool(servers) and all(silences.existing_hand_over(server.first(silences.PATH)) for server in servers)


def hand_over(migration: Migration, before: Sequence[Step], *, name: str, apply: bool) -> Step:
    """Mute the previous Alertmanagers once all steps before are done; unmute them if this stack then has no heartbeat.

    Raises:
        ServerError: an Alertmanager does not answer, or refuses the silence.
    """
    now = datetime.now(UTC)
    wanted = silences.hand_over(migration.stack, migration.still_paged, now)
    servers = migration.previous_alertmanagers
    existing = {server.name: silences.existing_hand_over(server.first(silences.PATH)) for server in servers}
    open_steps = [step.name for step in before if step.state is not State.DONE]
    is_done = all(silence and silences.is_current(silence, wanted, now) for silence in existing.values())
    if not is_done and (not apply or open_steps):
        reason = f"after {some(open_steps)}" if open_steps else "with APPLY=yes"
        return Step(name=name, state=State.TODO, text=f"the previous stack notifies until then: {reason}")
    try:
        _check_heartbeat(present(migration.alertmanager))
        if not is_done:
            for server in servers:
                if (silence := existing[server.name]) is None or not silences.is_current(silence, wanted, now):
                    _mute(server, {**wanted, **({"id": silence["id"]} if silence else {})})
            _check_heartbeat(present(migration.alertmanager))
    except ServerError as error:
        if not apply:
            take_back_now = f"make adopt STACK={migration.stack} ROLLBACK=yes"
            return Step(name=name, state=State.FAILED, text=str(error), actions=[take_back_now])
        take_back(migration)
        return Step(name=name, state=State.FAILED, text=f"taken back, the previous stack notifies: {error}")
    return Step(name=name, state=State.DONE, text=_text(migration), actions=_notes(migration))


def take_back(migration: Migration) -> Step:
    """End the hand-over: the previous Alertmanagers notify again.

    Raises:
        ServerError: one of them does not answer.
    """
    ended = 0
    for server in migration.previous_alertmanagers:
        while (silence := silences.existing_hand_over(server.first(silences.PATH))) is not None:
            request(server.reachable()[0], f"/api/v2/silence/{silence['id']}", method="DELETE")
            ended += 1
    text = "the previous stack notifies again, and so does this one" if ended else "nothing was handed over"
    return Step(name="take back", state=State.DONE, text=text)


def _mute(server: Server, silence: dict[str, object]) -> None:
    request(server.reachable()[0], silences.PATH, body=silence)
    deadline = time.monotonic() + _GOSSIP_SECONDS
    while not all(silences.existing_hand_over(each) for each in server.each(silences.PATH)):
        if time.monotonic() > deadline:
            raise ServerError(f"{server.name}: a replica has not received the silence within {_GOSSIP_SECONDS:.0f} s")
        time.sleep(_PAUSE_SECONDS)


def _check_heartbeat(alertmanager: Server) -> None:
    """Raise ServerError unless every replica has the heartbeat of this stack's Prometheus, not muted."""
    label, value = CATALOGUE_LABEL
    for alerts in alertmanager.each("/api/v2/alerts", active="true", silenced="false", inhibited="false"):
        labels = [alert["labels"] for alert in alerts]
        if not any(each["alertname"] == HEARTBEAT and each.get(label) == value for each in labels):
            raise ServerError(f"{alertmanager.name} has no {HEARTBEAT} of this stack: its rules do not reach it")


def _text(migration: Migration) -> str:
    names = ", ".join(server.name for server in migration.previous_alertmanagers) or "no previous Alertmanager"
    return f"{names} muted; this stack notifies"


def _notes(migration: Migration) -> list[str]:
    notes = [
        f"to take it back: make adopt STACK={migration.stack} ROLLBACK=yes",
        f"{HEARTBEAT} of the previous stack is still sent: pause a service that waits for it before the removal",
    ]
    if migration.still_paged:
        notes.append(f"still notified by the previous stack: {some(migration.still_paged, most=8)} (see rules)")
    return notes
