"""A Slack bot token instead of webhooks, and PagerDuty keys per team."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from local.demo.fake_receivers import PAGERDUTY, team_pagerduty
from tools.delivery.alertmanager import SETTLE_SECONDS, wait_until
from tools.delivery.expectations import expected
from tools.delivery.stacks import delivering, stack

DELIVERED_WITHIN: Final = 20
TEAMS: Final = ("api", "security")


def test_a_bot_posts_to_every_channel_and_a_team_is_paged_only_with_its_own_key(tmp_path: Path) -> None:
    sent = stack("prod", slack={"botToken": True}, pagerdutyTeams=list(TEAMS))
    pages = {
        "ApiErrorRateHigh": {team_pagerduty("api")},
        "BruteForceSuspected": {team_pagerduty("security")},
        "NodeDown": {PAGERDUTY},
        "ApiLatencyP95High": set[str](),
    }
    expectation = {
        name: sorted(expected("prod", sent.alert(name)["labels"]) - {PAGERDUTY} | to) for name, to in pages.items()
    }
    assert [sent.rules[name]["labels"]["team"] for name in expectation] == ["api", "security", "platform", "api"]
    with delivering(sent, tmp_path) as (alertmanager, inbox):
        alerts = [sent.alert(name) for name in expectation]
        alertmanager.post(alerts)
        wait_until(lambda: inbox.received() == expectation, DELIVERED_WITHIN)
        time.sleep(SETTLE_SECONDS)
        assert inbox.received() == expectation
        alertmanager.post(alerts, resolved=True)
        wait_until(lambda: inbox.received(resolved=True) == expectation, DELIVERED_WITHIN)
        assert inbox.received(resolved=True) == expectation
