"""Silences are copied once, with what is different here, and the hand-over mutes only what this stack notifies."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from operations.adopt.silences import AUTHOR, copies, existing_hand_over, hand_over, is_current

NOW: Final = datetime(2026, 11, 29, 3, tzinfo=UTC)
KNOWN: Final = frozenset({"TargetDown", "NodeCpuHigh"})
SOURCE: Final = "old/kps-alertmanager"


def silence(state: str = "active", **changes: Any) -> dict[str, Any]:
    return {
        "id": "1",
        "status": {"state": state},
        "matchers": [{"name": "alertname", "value": "TargetDown", "isRegex": False, "isEqual": True}],
        "startsAt": "2026-11-29T01:00:00.000Z",
        "endsAt": "2026-11-29T09:00:00.000Z",
        "createdBy": "ada",
        "comment": "disk replaced",
        **changes,
    }


def copied(original: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return the copy of a silence as Alertmanager stores it."""
    ((made),) = copies([original], [], SOURCE, KNOWN, NOW)
    assert made.body is not None
    return {**made.body, "id": "9", "status": {"state": "active"}, **changes}


def test_a_copy_has_matchers_author_and_end_of_the_original_and_names_it() -> None:
    (copy,) = copies([silence()], [], SOURCE, KNOWN, NOW)
    assert copy.note == ""
    assert copy.body == {
        "matchers": silence()["matchers"],
        "startsAt": NOW.isoformat(),
        "endsAt": "2026-11-29T09:00:00.000Z",
        "createdBy": "ada",
        "comment": "disk replaced [silence 1 of old/kps-alertmanager]",
    }


def test_a_second_run_copies_nothing() -> None:
    assert [each.body for each in copies([silence()], [copied(silence())], SOURCE, KNOWN, NOW)] == [None]


def test_a_changed_end_changes_the_copy() -> None:
    later = silence(endsAt="2026-11-30T09:00:00.000Z")
    (copy,) = copies([later], [copied(silence())], SOURCE, KNOWN, NOW)
    assert copy.body is not None
    assert (copy.body["id"], copy.body["endsAt"]) == ("9", "2026-11-30T09:00:00.000Z")


def test_a_copy_that_someone_has_ended_is_not_created_again() -> None:
    ended = copied(silence(), status={"state": "expired"})
    assert [each.body for each in copies([silence()], [ended], SOURCE, KNOWN, NOW)] == [None]
    changed = [ended, copied(silence())]
    assert [each.body for each in copies([silence()], changed, SOURCE, KNOWN, NOW)] == [None]


def test_expired_silences_and_the_hand_over_are_not_copied() -> None:
    assert copies([silence("expired"), silence(createdBy=AUTHOR)], [], SOURCE, KNOWN, NOW) == []
    (pending,) = copies([silence("pending", startsAt="2026-11-29T05:00:00+00:00")], [], SOURCE, KNOWN, NOW)
    assert pending.body is not None
    assert pending.body["startsAt"] == "2026-11-29T05:00:00+00:00"


def test_a_silence_that_matches_no_alert_of_this_stack_says_so() -> None:
    def note(name: str, value: str, *, regex: bool = False) -> str:
        matchers = [{"name": name, "value": value, "isRegex": regex, "isEqual": True}]
        return copies([silence(matchers=matchers)], [], SOURCE, KNOWN, NOW)[0].note

    assert note("alertname", "KubeJobFailed") == "matches no alert here: no rule is called KubeJobFailed"
    assert note("alertname", "Node.*", regex=True) == ""
    assert note("prometheus", "old/x") == 'matches no alert here: label prometheus is another one than "old/x"'
    assert note("namespace", "shop") == ""


def test_the_hand_over_mutes_everything_but_the_heartbeat_and_what_only_the_previous_stack_notifies() -> None:
    made = hand_over("prod", ["Orders.Stuck"], NOW)
    every, but = made["matchers"]
    assert (every["isEqual"], but["isEqual"]) == (True, False)
    muted = [
        name
        for name in ("KubePodCrashLooping", "Watchdog", "Orders.Stuck", "OrdersXStuck")
        if re.fullmatch(every["value"], name) and not re.fullmatch(but["value"], name)
    ]
    assert muted == ["KubePodCrashLooping", "OrdersXStuck"]
    assert "ROLLBACK=yes" in made["comment"]


def test_a_hand_over_is_renewed_if_it_mutes_something_else_or_ends_soon() -> None:
    made = {**hand_over("prod", [], NOW), "id": "1", "status": {"state": "active"}}
    assert existing_hand_over([silence(), made]) is made
    assert is_current(made, hand_over("prod", [], NOW), NOW)
    assert not is_current(made, hand_over("prod", ["OrdersStuck"], NOW), NOW)
    assert not is_current(made, hand_over("prod", [], NOW), NOW + timedelta(days=25))
    assert existing_hand_over([{**made, "status": {"state": "expired"}}]) is None
