"""Receivers of Alertmanager's configuration, with the channels of each."""

from functools import partial
from typing import Any, Final

from routing.channels.base import Channel, Receiver
from routing.channels.dead_mans_switch import dead_mans_switch
from routing.channels.email import email
from routing.channels.pagerduty import pagerduty
from routing.channels.slack import slack
from settings.links import LinksSettings
from settings.notifications import NotificationsSettings

# One row per channel. Each derives from a receiver's audience whether and where it sends.
CHANNELS: Final[tuple[Channel, ...]] = (
    pagerduty,
    slack,
    email,
    dead_mans_switch,
)


def receivers(notifications: NotificationsSettings, links: LinksSettings) -> list[dict[str, Any]]:
    """Return every receiver of a stack; credentials are read from mounted files."""
    return [_configuration(notifications, receiver) for receiver in _receivers(notifications, links)]


def _receivers(notifications: NotificationsSettings, links: LinksSettings) -> list[Receiver]:
    to = partial(Receiver, links=links)
    teams = (*notifications.pagerduty_teams, None)
    return [
        to("unrouted"),
        *(to("critical", team=team) for team in teams),
        to("warning"),
        *(to("security-critical", team=team) for team in teams),
        to("security"),
        *([to("business")] if notifications.business_severities else []),
        to("info"),
        *([to("error-budgets")] if notifications.budgets_in_summary else []),
        *([to("dead-mans-switch")] if notifications.dead_mans_switch else []),
        # Without a channel on purpose, for alerts that need no notification.
        to("nobody"),
    ]


def _configuration(notifications: NotificationsSettings, receiver: Receiver) -> dict[str, Any]:
    configuration: dict[str, Any] = {"name": receiver.name}
    for channel in CHANNELS:
        configuration |= channel(notifications, receiver)
    return configuration
