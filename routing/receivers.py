"""Receivers of Alertmanager's configuration, with the channels of each."""

from typing import Any, Final

from routing.channels.base import Channel, Receiver
from routing.channels.dead_mans_switch import dead_mans_switch
from routing.channels.email import email
from routing.channels.pagerduty import pagerduty
from routing.channels.slack import slack
from settings.notifications import NotificationsSettings

# One row per channel. Each derives from a receiver's audience whether and where it sends.
CHANNELS: Final[tuple[Channel, ...]] = (
    pagerduty,
    slack,
    email,
    dead_mans_switch,
)


def receivers(notifications: NotificationsSettings) -> list[dict[str, Any]]:
    """Return every receiver of a stack; credentials are read from mounted files."""
    return [_configuration(notifications, receiver) for receiver in _receivers(notifications)]


def _receivers(notifications: NotificationsSettings) -> list[Receiver]:
    return [
        Receiver("unrouted"),
        *_paging("critical", notifications),
        Receiver("warning"),
        *_paging("security-critical", notifications),
        Receiver("security"),
        *([Receiver("business")] if notifications.business_severities else []),
        Receiver("info"),
        *([Receiver("error-budgets")] if notifications.budgets_in_summary else []),
        *([Receiver("dead-mans-switch")] if notifications.dead_mans_switch else []),
        # Without a channel on purpose, for alerts that need no notification.
        Receiver("nobody"),
    ]


def _paging(audience: str, notifications: NotificationsSettings) -> list[Receiver]:
    return [*(Receiver(audience, team) for team in notifications.pagerduty_teams), Receiver(audience)]


def _configuration(notifications: NotificationsSettings, receiver: Receiver) -> dict[str, Any]:
    configuration: dict[str, Any] = {"name": receiver.name}
    for channel in CHANNELS:
        configuration |= channel(notifications, receiver)
    return configuration
