"""Where each receiver of Alertmanager's configuration sends what it is given, and what the messages say."""

from typing import Any, Final

from components.credentials import (
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
from components.notifications import Email, Notifications, Slack

_SLACK_WEBHOOKS: Final = {
    "critical": SLACK_CRITICAL_WEBHOOK_URL,
    "warning": SLACK_WARNING_WEBHOOK_URL,
    "security": SLACK_SECURITY_WEBHOOK_URL,
}

_TITLE: Final = '[{{ .Status | toUpper }}{{ if eq .Status "firing" }} {{ .Alerts.Firing | len }}{{ end }}] '
_TITLE_OF_GROUP: Final = _TITLE + "{{ .CommonLabels.alertname }} {{ .CommonLabels.service }}"
_TEXT: Final = (
    "{{ range .Alerts }}*{{ .Annotations.summary }}* ({{ .Labels.severity }})\n{{ .Annotations.description }}\n"
    "Impact: {{ .Annotations.impact }}\nFirst: {{ .Annotations.action }}\n"
    "<{{ .Annotations.runbook_url }}|Runbook> <{{ .Annotations.dashboard_url }}|Dashboard>\n{{ end }}"
)


def receivers(notifications: Notifications, secret: str) -> list[dict[str, Any]]:
    """Every receiver that a route may name, reading its tokens from the named Secret's mounted files."""

    def slack(kind: str, color: str) -> dict[str, Any]:
        if notifications.slack is None:
            return {}
        channel = getattr(notifications.slack, f"{kind}_channel")
        return {"slack_configs": [_slack_sender(notifications.slack, kind, secret) | _slack(channel, color)]}

    def paging(receiver: str, others: dict[str, Any]) -> list[dict[str, Any]]:
        keys = {f"{receiver}-{team}": team_routing_key(team) for team in notifications.pagerduty_teams}
        keys[receiver] = PAGERDUTY_ROUTING_KEY
        return [
            {"name": name}
            | ({"pagerduty_configs": [_pagerduty(_file(secret, key))]} if notifications.pagerduty else {})
            | others
            for name, key in keys.items()
        ]

    def email(address: str) -> dict[str, Any]:
        if notifications.email is None:
            return {}
        return {"email_configs": [_email(notifications.email, getattr(notifications.email, address), secret)]}

    switch = {
        "webhook_configs": [{"url_file": _file(secret, DEAD_MANS_SWITCH_URL), "send_resolved": False, "max_alerts": 1}]
    }
    return [
        # Where Slack is missing, mail takes its place, so that every alert reaches somebody.
        {"name": "unrouted"} | (slack("critical", "danger") or email("on_call")),
        *paging("critical", slack("critical", "danger") | email("on_call")),
        {"name": "warning"} | (slack("warning", "warning") or email("on_call")),
        *paging("security-critical", slack("security", "danger") | email("to_security")),
        {"name": "security"} | slack("security", "warning") | email("to_security"),
        *([{"name": "business"} | email("to_business")] if notifications.business_severities else []),
        {"name": "info"} | (email("to_management") or slack("warning", "good")),
        *([{"name": "dead-mans-switch"} | switch] if notifications.dead_mans_switch else []),
        # On purpose without a channel, and reached only by alerts that mean nothing to a person.
        {"name": "nobody"},
    ]


def _file(secret: str, credential: Credential) -> str:
    return f"/etc/alertmanager/secrets/{secret}/{credential.file}"


def _slack_sender(slack: Slack, kind: str, secret: str) -> dict[str, Any]:
    if slack.bot_token:
        return {"app_token_file": _file(secret, SLACK_BOT_TOKEN)}
    return {"api_url_file": _file(secret, _SLACK_WEBHOOKS[kind])}


def _slack(channel: str, color: str) -> dict[str, Any]:
    return {
        # Where a bot posts. A webhook knows its channel: only the older kind of it obeys this.
        "channel": channel,
        "send_resolved": True,
        "color": f'{{{{ if eq .Status "firing" }}}}{color}{{{{ else }}}}good{{{{ end }}}}',
        "title": _TITLE_OF_GROUP,
        "text": _TEXT,
    }


def _pagerduty(routing_key: str) -> dict[str, Any]:
    return {
        "routing_key_file": routing_key,
        "send_resolved": True,
        "severity": "critical",
        "description": _TITLE_OF_GROUP,
        "class": "{{ .CommonLabels.area }}",
        "component": "{{ .CommonLabels.service }}",
        "links": [
            {"href": "{{ (index .Alerts 0).Annotations.runbook_url }}", "text": "Runbook"},
            {"href": "{{ (index .Alerts 0).Annotations.dashboard_url }}", "text": "Dashboard"},
        ],
    }


def _email(email: Email, address: str, secret: str) -> dict[str, Any]:
    return {
        "to": address,
        "from": email.sender,
        "smarthost": email.smarthost,
        "auth_username": email.username or email.sender,
        "auth_password_file": _file(secret, SMTP_PASSWORD),
        "require_tls": email.require_tls,
        "send_resolved": True,
        "headers": {"Subject": _TITLE_OF_GROUP},
    }
