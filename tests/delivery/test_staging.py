"""Alerts of staging never page."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Final

from catalogue.model import AREAS
from local.demo.fake_receivers import SWITCH
from tools.delivery.alertmanager import wait_until
from tools.delivery.expectations import CHANNELS, channel
from tools.delivery.stacks import delivering, stack, with_mark

DELIVERED_WITHIN: Final = 30
SEVERITIES: Final = ("critical", "warning", "info", "page", "CRITICAL", "emergency", "")
TEAMS: Final = ("platform", "payments", "unknown")
STAGING: Final = stack("staging")


def test_no_alert_reaches_pagerduty(tmp_path: Path) -> None:
    everything = [STAGING.alert(name, {"cluster": name.lower()}) for name in STAGING.rules]
    # Alerts with the environment of production, and with labels that no rule sets.
    for severity, area, team in itertools.product(SEVERITIES, (*AREAS, "", "unknown"), TEAMS):
        name = f"Any_{severity}_{area.replace('-', '_')}_{team}"
        labels = {
            "alertname": name,
            "severity": severity,
            "area": area,
            "team": team,
            "environment": "prod",
            "catalogue": "bais",
        }
        everything.append(with_mark(name, labels, {}))
    with delivering(STAGING, tmp_path) as (alertmanager, inbox):
        alertmanager.post(everything)
        wait_until(lambda: len(inbox.received()) == len(everything), DELIVERED_WITHIN)
        assert len(inbox.received()) == len(everything)
        addresses = {message.address for message in inbox.messages} - {SWITCH}
    assert {channel(address) for address in addresses} == {"slack"}
    assert "pagerduty" not in CHANNELS["staging"]
    assert "pagerduty" not in repr(STAGING.configuration)
