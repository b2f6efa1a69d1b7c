"""Receivers of Alertmanager's configuration, with the channels of each."""

from typing import Any, Final

from routing.channels.base import Channel, Receiver
from routing.channels.dead_mans_switch import dead_mans_switch
from routing.channels.email import email
from routing.channels.pagerduty import pagerduty
from routing.channels.slack import slack
from settings.notifications import NotificationsSettings
from settings.stack import LinksSettings

# One row per channel. Each derives from a receiver's audience whether and where it sends.
CHANNELS: Final[tuple[Channel, ...]] = (
    pagerduty,
    slack,
    email,
    dead_mans_switch,
)


def receivers(notifications: NotificationsSettings, links: LinksSettings) -> list[dict[str, Any]]:
    """Return every receiver of a stack; credentials are read from mounted files."""
    return [
        _configuration(notifications, Receiver(audience, links, team)) for audience, team in _audiences(notifications)
    ]


def _audiences(notifications: NotificationsSettings) -> list[tuple[str, str | None]]:
    """Return the audience of each receiver, with its team."""
    return [
        ("unrouted", None),
        *_paging("critical", notifications),
        ("warning", None),
        *_paging("security-critical", notifications),
        ("security", None),
        *([("business", None)] if notifications.business_severities else []),
        ("info", None),
        *([("error-budgets", None)] if notifications.budgets_in_summary else []),
        *([("dead-mans-switch", None)] if notifications.dead_mans_switch else []),
        # Without a channel on purpose, for alerts that need no notification.
        ("nobody", None),
    ]


def _paging(audience: str, notifications: NotificationsSettings) -> list[tuple[str, str | None]]:
    return [*((audience, team) for team in notifications.pagerduty_teams), (audience, None)]


def _configuration(notifications: NotificationsSettings, receiver: Receiver) -> dict[str, Any]:
    configuration: dict[str, Any] = {"name": receiver.name}
    for channel in CHANNELS:
        configuration |= channel(notifications, receiver)
    return configuration
