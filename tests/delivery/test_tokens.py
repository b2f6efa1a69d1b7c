"""A bot in the place of webhooks, and teams with services of their own at PagerDuty."""

from __future__ import annotations

import time
from pathlib import Path

from local.demo.fake_receivers import PAGERDUTY, team_pagerduty
from tools.delivery.alertmanager import SETTLED_AFTER, wait_until
from tools.delivery.expectations import expected
from tools.delivery.stacks import delivering, stack

DELIVERED_WITHIN = 20
TEAMS = ("api", "security")


def test_a_bot_posts_to_every_channel_and_a_team_is_paged_by_its_own_key_alone(tmp_path: Path) -> None:
    sent = stack("prod", slack={"botToken": True}, pagerdutyTeams=list(TEAMS))
    pages = {
        "ApiErrorRateHigh": {team_pagerduty("api")},
        "BruteForceSuspected": {team_pagerduty("security")},
        "NodeDown": {PAGERDUTY},
        "ApiLatencyP95High": set[str](),
    }
    names = {
        name: sorted(expected("prod", sent.alert(name)["labels"]) - {PAGERDUTY} | to) for name, to in pages.items()
    }
    assert [sent.rules[name]["labels"]["team"] for name in names] == ["api", "security", "platform", "api"]
    with delivering(sent, tmp_path) as (alertmanager, inbox):
        alerts = [sent.alert(name) for name in names]
        alertmanager.post(alerts)
        wait_until(lambda: inbox.received() == names, DELIVERED_WITHIN)
        time.sleep(SETTLED_AFTER)
        assert inbox.received() == names
        alertmanager.post(alerts, resolved=True)
        wait_until(lambda: inbox.received(resolved=True) == names, DELIVERED_WITHIN)
        assert inbox.received(resolved=True) == names
