"""Slack: three channels, by one webhook per channel or by one bot."""

from typing import Any, Final

from routing.channels.base import Receiver, credential_file, from_template
from settings.credentials import (
    SLACK_BOT_TOKEN,
    SLACK_CRITICAL_WEBHOOK_URL,
    SLACK_SECURITY_WEBHOOK_URL,
    SLACK_WARNING_WEBHOOK_URL,
)
from settings.notifications import NotificationsSettings

_WEBHOOKS: Final = {
    "critical": SLACK_CRITICAL_WEBHOOK_URL,
    "warning": SLACK_WARNING_WEBHOOK_URL,
    "security": SLACK_SECURITY_WEBHOOK_URL,
}
# The kind of channel by audience.
_KINDS: Final = {
    "unrouted": "critical",
    "critical": "critical",
    "warning": "warning",
    "security-critical": "security",
    "security": "security",
}
_FIELDS: Final = {"Environment": "environment", "Severity": "severity", "Team": "team"}


def slack(notifications: NotificationsSettings, receiver: Receiver) -> dict[str, Any]:
    """Send to the channel of the audience."""
    # Without e-mail, informational alerts go to the channel for warnings.
    kinds = _KINDS if notifications.email else _KINDS | {"info": "warning"}
    if notifications.slack is None or receiver.audience not in kinds:
        return {}
    kind = kinds[receiver.audience]
    if notifications.slack.bot_token:
        sender = {"app_token_file": credential_file(notifications, SLACK_BOT_TOKEN)}
    else:
        sender = {"api_url_file": credential_file(notifications, _WEBHOOKS[kind])}
    return {"slack_configs": [sender | _message(getattr(notifications.slack, f"{kind}_channel"), receiver)]}


def _message(channel: str, receiver: Receiver) -> dict[str, Any]:
    return {
        # For the bot. A webhook has a fixed channel; only legacy webhooks use this key.
        "channel": channel,
        "send_resolved": True,
        "color": from_template("bais.slack.color"),
        "title": from_template("bais.slack.title"),
        "title_link": receiver.message_links["Dashboard"],
        "fallback": from_template("bais.slack.title"),
        "text": from_template("bais.slack.text"),
        "mrkdwn_in": ["text"],
        "fields": [
            {"title": title, "value": from_template("bais.slack.label", f".CommonLabels.{label}"), "short": True}
            for title, label in _FIELDS.items()
        ],
        "actions": [{"type": "button", "text": text, "url": url} for text, url in receiver.message_links.items()],
    }
