"""The alert of a test notification reaches its receiver, and no more others than it must."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import pytest

from catalogue.platform import CATALOGUE_LABEL
from operations.page.alert import PageError, alert_for, pageable_receivers
from routing.matching import receivers_reached
from routing.routes import GROUP_BY
from tools.delivery.stacks import stack

PROD: Final = stack("prod").configuration
ORIGIN: Final = {"environment": "prod", "cluster": "bais-prod"}


@pytest.mark.parametrize("name", ["local", "staging", "prod"])
def test_every_receiver_with_a_channel_can_be_tested_except_two(name: str) -> None:
    configuration = stack(name).configuration
    with_channels = {each["name"] for each in configuration["receivers"] if len(each) > 1}
    # No alert of the catalogue reaches the first, and the Watchdog tests the second.
    assert with_channels - set(pageable_receivers(configuration, ORIGIN)) == {"unrouted", "dead-mans-switch"}


def test_a_second_test_does_not_wait_for_the_group_of_the_first() -> None:
    alert = alert_for(PROD, "critical", ORIGIN)
    first, second = (alert.of_its_own(datetime(2026, 11, 29, 3, minute, tzinfo=UTC)) for minute in (0, 1))
    assert {first.labels[name] for name in GROUP_BY if name in first.labels} != {
        second.labels[name] for name in GROUP_BY if name in second.labels
    }
    assert receivers_reached(PROD, first.labels) == receivers_reached(PROD, alert.labels)


@pytest.mark.parametrize("name", ["local", "staging", "prod"])
def test_the_alert_reaches_its_receiver_and_those_that_it_names(name: str) -> None:
    configuration = stack(name).configuration
    for receiver in pageable_receivers(configuration, ORIGIN):
        alert = alert_for(configuration, receiver, ORIGIN)
        assert set(receivers_reached(configuration, alert.labels)) == {receiver, *alert.others}
        assert {**ORIGIN, **dict([CATALOGUE_LABEL])}.items() <= alert.labels.items()


def test_only_receivers_that_get_copies_are_tested_together_with_others() -> None:
    others = {name: alert_for(PROD, name, ORIGIN).others for name in pageable_receivers(PROD, ORIGIN)}
    assert {name: found for name, found in others.items() if found} == {
        "business": ("warning",),
        "error-budgets": ("info",),
    }


def test_the_receiver_of_a_team_is_reached_by_an_alert_of_the_team() -> None:
    teams = stack("prod", settings={"notifications": {"pagerdutyTeams": ["search"]}}).configuration
    assert alert_for(teams, "critical-search", ORIGIN).labels["team"] == "search"
    assert alert_for(teams, "critical", ORIGIN).labels["team"] != "search"


def test_the_waits_are_those_of_the_route() -> None:
    critical, info = alert_for(PROD, "critical", ORIGIN), alert_for(PROD, "info", ORIGIN)
    assert (critical.first_seconds, critical.next_seconds) == (30, 300)
    assert (info.first_seconds, info.next_seconds) == (300, 86400)


def test_a_channel_that_sends_no_resolutions_is_not_waited_for() -> None:
    configuration = {
        "route": {"receiver": "all", "group_wait": "1s", "group_interval": "1m", "routes": []},
        "receivers": [{"name": "all", "slack_configs": [{}, {"send_resolved": True}], "webhook_configs": [{}]}],
    }
    alert = alert_for(configuration, "all", ORIGIN)
    assert alert.channels == {"slack": 2, "webhook": 1}
    assert alert.resolved_channels == {"slack": 1, "webhook": 1}


@pytest.mark.parametrize(
    ("receiver", "message"),
    [
        ("critcal", "CHANNEL: found critcal; allowed: critical (did you mean that?), or one of business, critical, "),
        ("", "CHANNEL: found nothing; allowed: one of business, critical, "),
        ("unrouted", "CHANNEL: found unrouted; allowed: one of business, critical, "),
        ("dead-mans-switch", "CHANNEL: found dead-mans-switch; allowed: another receiver; the Watchdog tests this"),
    ],
)
def test_a_receiver_that_cannot_be_tested_is_refused_with_those_that_can(receiver: str, message: str) -> None:
    with pytest.raises(PageError) as raised:
        alert_for(PROD, receiver, ORIGIN)
    assert str(raised.value).startswith(message)
