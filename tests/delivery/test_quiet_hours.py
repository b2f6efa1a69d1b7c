"""Quiet hours around the present moment, kept by a real Alertmanager."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from routing.quiet_hours import time_intervals
from settings.notifications import QuietHours
from tools.delivery.alertmanager import SETTLED_AFTER, Configuration, wait_until
from tools.delivery.stacks import delivering, stack

# Far from UTC and from every whole hour: hours read in another zone would be others.
ZONE: Final = "Pacific/Chatham"
DELIVERED_WITHIN: Final = 20
# What waits and what does not, in each stack that has quiet hours.
WAITING: Final = {
    "staging": {"NodeCpuHigh": "#bais-alerts"},
    "prod": {"PaymentDeclinesUnusual": "business@bais.example"},
}
AT_ONCE: Final = {
    "staging": {"NodeDown", "BruteForceSuspected", "CredentialRotationOverdue", "PaymentFailureRateHigh"},
    "prod": {"NodeDown", "NodeCpuHigh", "BruteForceSuspected", "PaymentFailureRateHigh", "PaymentDeclinesUnusual"},
}


def hours(first: int, last: int) -> list[Any]:
    """Time intervals from and until so many hours after now, as a stack with such quiet hours has them."""
    begin, end = (f"{datetime.now(ZoneInfo(ZONE)) + timedelta(hours=each):%H:%M}" for each in (first, last))
    given = {"begin": begin, "end": end, "timezone": ZONE, "weekends": False, "warnings": True}
    (found,) = time_intervals(QuietHours.model_validate(given))
    intervals: list[Any] = found["time_intervals"]
    return intervals


def keep(configuration: Configuration, intervals: list[Any]) -> None:
    (quiet,) = configuration["time_intervals"]
    quiet["time_intervals"] = intervals


@pytest.mark.parametrize("name", WAITING)
def test_what_waits_is_told_when_the_quiet_hours_end_and_all_else_at_once(name: str, tmp_path: Path) -> None:
    sent = stack(name)
    ((waiting, address),) = WAITING[name].items()
    with delivering(sent, tmp_path) as (alertmanager, inbox):
        alertmanager.change(lambda configuration: keep(configuration, hours(-2, 2)))
        alertmanager.post([sent.alert(each) for each in AT_ONCE[name] | {waiting}])
        wait_until(lambda: set(inbox.received()) >= AT_ONCE[name], DELIVERED_WITHIN)
        time.sleep(SETTLED_AFTER)
        assert set(inbox.received()) == AT_ONCE[name]
        assert all(address not in addresses for addresses in inbox.received().values())
        alertmanager.change(lambda configuration: keep(configuration, hours(2, 4)))
        wait_until(lambda: address in inbox.received().get(waiting, []), DELIVERED_WITHIN)
        assert address in inbox.received()[waiting]
