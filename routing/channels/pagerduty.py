"""PagerDuty: one service for everyone, or a team's own service."""

from typing import Any, Final

from routing.channels.base import Receiver, credential_file, from_template
from settings.credentials import PAGERDUTY_ROUTING_KEY, team_routing_key
from settings.notifications import NotificationsSettings

_AUDIENCES: Final = ("unrouted", "critical", "security-critical")


def pagerduty(notifications: NotificationsSettings, receiver: Receiver) -> dict[str, Any]:
    """Page with the routing key of the receiver's team, or else with the default one."""
    if not notifications.pagerduty or receiver.audience not in _AUDIENCES:
        return {}
    key = team_routing_key(receiver.team) if receiver.team else PAGERDUTY_ROUTING_KEY
    event = {
        "routing_key_file": credential_file(notifications, key),
        "send_resolved": True,
        "severity": "critical",
        "description": from_template("bais.pagerduty.summary"),
        "source": from_template("bais.pagerduty.label", "(or .CommonLabels.cluster .ExternalURL)"),
        "class": from_template("bais.pagerduty.label", ".CommonLabels.area"),
        "component": from_template("bais.pagerduty.label", ".CommonLabels.service"),
        "group": from_template("bais.pagerduty.label", ".CommonLabels.environment"),
        "client": "BAIS monitoring",
        "client_url": receiver.message_links["Dashboard"],
        "details": {
            "firing": from_template("bais.pagerduty.alerts", ".Alerts.Firing"),
            "resolved": from_template("bais.pagerduty.alerts", ".Alerts.Resolved"),
        },
        "links": [{"href": url, "text": text} for text, url in receiver.message_links.items()],
    }
    return {"pagerduty_configs": [event]}
