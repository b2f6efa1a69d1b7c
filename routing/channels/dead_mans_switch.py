"""Dead man's switch: a webhook that alerts when the Watchdog stops."""

from typing import Any

from routing.channels.base import Receiver, credential_file
from settings.credentials import DEAD_MANS_SWITCH_URL
from settings.notifications import NotificationsSettings


def dead_mans_switch(notifications: NotificationsSettings, receiver: Receiver) -> dict[str, Any]:
    """Send the Watchdog while it fires, but never as resolved."""
    if not notifications.dead_mans_switch or receiver.audience != "dead-mans-switch":
        return {}
    url = credential_file(notifications, DEAD_MANS_SWITCH_URL)
    return {"webhook_configs": [{"url_file": url, "send_resolved": False, "max_alerts": 1}]}
