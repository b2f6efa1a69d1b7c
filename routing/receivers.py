"""Where each receiver of Alertmanager's configuration sends what it is given, and what the messages say."""

from typing import Any, Final

from settings.credentials import (
    DEAD_MANS_SWITCH_URL,
    PAGERDUTY_ROUTING_KEY,
    SLACK_BOT_TOKEN,
    SLACK_CRITICAL_WEBHOOK_URL,
    SLACK_SECURITY_WEBHOOK_URL,
    SLACK_WARNING_WEBHOOK_URL,
    SMTP_PASSWORD,
    Credential,
    team_routing_key,
)
from settings.notifications import EmailSettings, NotificationsSettings, SlackSettings

_SLACK_WEBHOOKS: Final = {
    "critical": SLACK_CRITICAL_WEBHOOK_URL,
    "warning": SLACK_WARNING_WEBHOOK_URL,
    "security": SLACK_SECURITY_WEBHOOK_URL,
}

_FIELDS: Final = {"Environment": "environment", "Severity": "severity", "Team": "team"}
_BUTTONS: Final = {"Runbook": "bais.runbook", "Dashboard": "bais.dashboard", "Silence": "bais.silence"}


def receivers(notifications: NotificationsSettings, secret: str) -> list[dict[str, Any]]:
    """Every receiver that a route may name, reading its tokens from the named Secret's mounted files."""

    def slack(kind: str) -> dict[str, Any]:
        if notifications.slack is None:
            return {}
        channel = getattr(notifications.slack, f"{kind}_channel")
        return {"slack_configs": [_slack_sender(notifications.slack, kind, secret) | _slack(channel)]}

    def paging(receiver: str, others: dict[str, Any]) -> list[dict[str, Any]]:
        keys = {f"{receiver}-{team}": team_routing_key(team) for team in notifications.pagerduty_teams}
        keys[receiver] = PAGERDUTY_ROUTING_KEY
        return [{"name": name} | pages(key) | others for name, key in keys.items()]

    def pages(key: Credential) -> dict[str, Any]:
        return {"pagerduty_configs": [_pagerduty(_file(secret, key))]} if notifications.pagerduty else {}

    def email(address: str, template: str = "bais.email") -> dict[str, Any]:
        if notifications.email is None:
            return {}
        sender = _email_sender(notifications.email, secret)
        return {"email_configs": [sender | _email(getattr(notifications.email, address), template)]}

    switch = {
        "webhook_configs": [{"url_file": _file(secret, DEAD_MANS_SWITCH_URL), "send_resolved": False, "max_alerts": 1}]
    }
    return [
        # Where Slack is missing, mail takes its place, so that every alert reaches somebody.
        {"name": "unrouted"} | pages(PAGERDUTY_ROUTING_KEY) | (slack("critical") or email("on_call")),
        *paging("critical", slack("critical") | email("on_call")),
        {"name": "warning"} | (slack("warning") or email("on_call")),
        *paging("security-critical", slack("security") | email("to_security")),
        {"name": "security"} | slack("security") | email("to_security"),
        *([{"name": "business"} | email("to_business")] if notifications.business_severities else []),
        {"name": "info"} | (email("to_management", "bais.summary") or slack("warning")),
        *(
            [{"name": "error-budgets"} | email("to_management", "bais.summary")]
            if notifications.budgets_in_summary
            else []
        ),
        *([{"name": "dead-mans-switch"} | switch] if notifications.dead_mans_switch else []),
        # On purpose without a channel, and reached only by alerts that mean nothing to a person.
        {"name": "nobody"},
    ]


def _file(secret: str, credential: Credential) -> str:
    return f"/etc/alertmanager/secrets/{secret}/{credential.file}"


def _slack_sender(slack: SlackSettings, kind: str, secret: str) -> dict[str, Any]:
    if slack.bot_token:
        return {"app_token_file": _file(secret, SLACK_BOT_TOKEN)}
    return {"api_url_file": _file(secret, _SLACK_WEBHOOKS[kind])}


def _slack(channel: str) -> dict[str, Any]:
    return {
        # Where a bot posts. A webhook knows its channel: only the older kind of it obeys this.
        "channel": channel,
        "send_resolved": True,
        "color": _from("bais.slack.color"),
        "title": _from("bais.slack.title"),
        "fallback": _from("bais.slack.title"),
        "text": _from("bais.slack.text"),
        "mrkdwn_in": ["text"],
        "fields": [
            {"title": title, "value": _from("bais.slack.label", f".CommonLabels.{label}"), "short": True}
            for title, label in _FIELDS.items()
        ],
        "actions": [{"type": "button", "text": text, "url": _from(name)} for text, name in _BUTTONS.items()],
    }


def _pagerduty(routing_key: str) -> dict[str, Any]:
    return {
        "routing_key_file": routing_key,
        "send_resolved": True,
        "severity": "critical",
        "description": _from("bais.pagerduty.summary"),
        "source": _from("bais.pagerduty.label", "(or .CommonLabels.cluster .ExternalURL)"),
        "class": _from("bais.pagerduty.label", ".CommonLabels.area"),
        "component": _from("bais.pagerduty.label", ".CommonLabels.service"),
        "group": _from("bais.pagerduty.label", ".CommonLabels.environment"),
        "client": "BAIS monitoring",
        "details": {
            "firing": _from("bais.pagerduty.alerts", ".Alerts.Firing"),
            "resolved": _from("bais.pagerduty.alerts", ".Alerts.Resolved"),
        },
        "links": [{"href": _from(name), "text": text} for text, name in _BUTTONS.items()],
    }


def _email_sender(email: EmailSettings, secret: str) -> dict[str, Any]:
    return {
        "from": email.sender,
        "smarthost": email.smarthost,
        "auth_username": email.username or email.sender,
        "auth_password_file": _file(secret, SMTP_PASSWORD),
        "require_tls": email.require_tls,
    }


def _email(address: str, template: str) -> dict[str, Any]:
    return {
        "to": address,
        "send_resolved": True,
        "headers": {"Subject": _from(f"{template}.subject")},
        "text": _from(f"{template}.text"),
        "html": _from(f"{template}.html"),
    }


def _from(template: str, of: str = ".") -> str:
    """What one of the templates in `components/messages` makes of the notification."""
    return f'{{{{ template "{template}" {of} }}}}'
