"""E-mail: to on-call, security, business stakeholders and management."""

from typing import Any, Final

from routing.channels.base import Receiver, credential_file, from_template
from settings.credentials import SMTP_PASSWORD
from settings.notifications import EmailSettings, NotificationsSettings

_ALERT: Final = "bais.email"
_SUMMARY: Final = "bais.summary"
# The address in EmailSettings and the template, by audience.
_MAILS: Final = {
    "critical": ("on_call", _ALERT),
    "security-critical": ("to_security", _ALERT),
    "security": ("to_security", _ALERT),
    "business": ("to_business", _ALERT),
    "info": ("to_management", _SUMMARY),
    "error-budgets": ("to_management", _SUMMARY),
}
# Without Slack, so that every alert still reaches a person.
_MAILS_WITHOUT_SLACK: Final = _MAILS | dict.fromkeys(("unrouted", "warning"), ("on_call", _ALERT))


def email(notifications: NotificationsSettings, receiver: Receiver) -> dict[str, Any]:
    """Send to the address of the audience."""
    mails = _MAILS if notifications.slack else _MAILS_WITHOUT_SLACK
    if notifications.email is None or receiver.audience not in mails:
        return {}
    address, template = mails[receiver.audience]
    sender = _sender(notifications.email, credential_file(notifications, SMTP_PASSWORD))
    return {"email_configs": [sender | _message(getattr(notifications.email, address), template)]}


def _sender(email: EmailSettings, password_file: str) -> dict[str, Any]:
    return {
        "from": email.sender,
        "smarthost": email.smarthost,
        "auth_username": email.username or email.sender,
        "auth_password_file": password_file,
        "require_tls": email.require_tls,
    }


def _message(address: str, template: str) -> dict[str, Any]:
    return {
        "to": address,
        "send_resolved": True,
        "headers": {"Subject": from_template(f"{template}.subject")},
        "text": from_template(f"{template}.text"),
        "html": from_template(f"{template}.html"),
    }
