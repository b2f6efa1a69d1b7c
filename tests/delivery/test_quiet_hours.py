"""Quiet hours around the current time, applied by a real Alertmanager."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from routing.quiet_hours import time_intervals
from settings.notifications import QuietHours
from tools.delivery.alertmanager import SETTLE_SECONDS, Configuration, wait_until
from tools.delivery.stacks import delivering, stack

# An offset far from UTC and not in whole hours, so that an ignored time zone is detected.
ZONE: Final = "Pacific/Chatham"
DELIVERED_WITHIN: Final = 20
# Delayed and immediate alerts of each stack with quiet hours.
DELAYED: Final = {
    "staging": {"NodeCpuHigh": "#bais-alerts"},
    "prod": {"PaymentDeclinesUnusual": "business@bais.example"},
}
IMMEDIATE: Final = {
    "staging": {"NodeDown", "BruteForceSuspected", "CredentialRotationOverdue", "PaymentFailureRateHigh"},
    "prod": {"NodeDown", "NodeCpuHigh", "BruteForceSuspected", "PaymentFailureRateHigh", "PaymentDeclinesUnusual"},
}


def hours(first: int, last: int) -> list[Any]:
    """Return the time intervals of quiet hours from `first` to `last` hours after now."""
    begin, end = (f"{datetime.now(ZoneInfo(ZONE)) + timedelta(hours=each):%H:%M}" for each in (first, last))
    settings = {"begin": begin, "end": end, "timezone": ZONE, "weekends": False, "warnings": True}
    (found,) = time_intervals(QuietHours.model_validate(settings))
    intervals: list[Any] = found["time_intervals"]
    return intervals


def set_quiet_hours(configuration: Configuration, intervals: list[Any]) -> None:
    (quiet,) = configuration["time_intervals"]
    quiet["time_intervals"] = intervals


@pytest.mark.parametrize("name", DELAYED)
def test_delayed_alerts_are_delivered_after_the_quiet_hours_and_others_immediately(name: str, tmp_path: Path) -> None:
    sent = stack(name)
    ((delayed, address),) = DELAYED[name].items()
    with delivering(sent, tmp_path) as (alertmanager, inbox):
        alertmanager.change(lambda configuration: set_quiet_hours(configuration, hours(-2, 2)))
        alertmanager.post([sent.alert(each) for each in IMMEDIATE[name] | {delayed}])
        wait_until(lambda: set(inbox.received()) >= IMMEDIATE[name], DELIVERED_WITHIN)
        time.sleep(SETTLE_SECONDS)
        assert set(inbox.received()) == IMMEDIATE[name]
        assert all(address not in addresses for addresses in inbox.received().values())
        alertmanager.change(lambda configuration: set_quiet_hours(configuration, hours(2, 4)))
        wait_until(lambda: address in inbox.received().get(delayed, []), DELIVERED_WITHIN)
        assert address in inbox.received()[delayed]
