"""Who hears of which alert: a stack's notifications as an Alertmanager configuration.

Tokens stay out of it. Each is read from a file that the pod mounts from one Secret.
"""

from collections.abc import Sequence
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

# A critical alert, the alert that only says the same again, and the labels by which both mean the same thing.
_SAYS_IT_ALL: Final = (
    ("ServiceDown", "TargetDown", ("namespace", "job", "service")),
    # Whoever verifies the certificate cannot connect any more.
    ("CertificateExpired", "EndpointProbeFailed", ("instance",)),
    # The replica that refuses the new configuration is the one that differs.
    ("AlertmanagerConfigReloadFailed", "AlertmanagerConfigInconsistent", ("namespace", "job", "service")),
)

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


# Alertmanager looks at a group once a group_interval, and repeats it if its last message was sent more than
# repeat_interval ago. That was a moment after it had looked, so a repeat_interval of whole group_intervals is never
# quite over in time and adds one more: hence those just below 5 minutes, 1, 4, 12 and 24 hours in this file.
def alertmanager_configuration(notifications: Notifications, secret: str) -> dict[str, Any]:
    """The configuration file, as a mapping, for tokens mounted from the named Secret.

    The root route's receiver is no default: a test proves that every label set finds a route before it. Should an alert
    slip through all the same, it shouts where critical ones do, because silence would hide the mistake.
    """
    receivers = _receivers(notifications, secret)
    return {
        "global": {"resolve_timeout": "5m"},
        "route": {
            "receiver": "unrouted",
            "group_by": ["alertname", "area", "service"],
            "group_wait": "30s",
            "group_interval": "5m",
            "repeat_interval": "3h58m",
            "routes": _routes(notifications),
        },
        "inhibit_rules": [
            {
                # Only where it pages: a stack may have lowered its severity.
                "source_matchers": [f'alertname="{says_it}"', 'severity="critical"'],
                "target_matchers": [f'alertname="{repeats_it}"'],
                "equal": list(labels),
            }
            for says_it, repeats_it, labels in _SAYS_IT_ALL
        ],
        "receivers": receivers,
    }


def _routes(notifications: Notifications) -> list[dict[str, Any]]:
    # The switch must hear from us more often than its patience lasts, so this route neither waits nor groups.
    watchdog = {
        "receiver": "dead-mans-switch" if notifications.dead_mans_switch else "nobody",
        "matchers": ['alertname="Watchdog"'],
        "group_by": ["alertname"],
        "group_wait": "0s",
        "group_interval": "1m",
        "repeat_interval": "4m30s",
    }
    return [
        watchdog,
        {"receiver": "nobody", "matchers": ['severity="none"']},
        *_paging("security-critical", ['area="security"', 'severity="critical"'], notifications.pagerduty_teams),
        {"receiver": "security", "matchers": ['area="security"', 'severity="warning"']},
        *_paging("critical", ['severity="critical"'], notifications.pagerduty_teams),
        {"receiver": "warning", "matchers": ['severity="warning"'], "repeat_interval": "11h58m"},
        {
            "receiver": "info",
            "matchers": ['severity="info"'],
            "group_by": ["area"],
            "group_wait": "5m",
            "group_interval": "24h",
            "repeat_interval": "23h",
        },
    ]


def _paging(receiver: str, matchers: Sequence[str], teams: Sequence[str]) -> list[dict[str, Any]]:
    """The routes of a receiver that pages: first those of the teams with a PagerDuty service of their own."""
    to_teams = [{"receiver": f"{receiver}-{team}", "matchers": [*matchers, f'team="{team}"']} for team in teams]
    to_all = {"receiver": receiver, "matchers": list(matchers)}
    return [route | {"repeat_interval": "58m"} for route in (*to_teams, to_all)]


def _receivers(notifications: Notifications, secret: str) -> list[dict[str, Any]]:
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

    email = {"email_configs": [_email(notifications.email, secret)]} if notifications.email else {}
    switch = {
        "webhook_configs": [{"url_file": _file(secret, DEAD_MANS_SWITCH_URL), "send_resolved": False, "max_alerts": 1}]
    }
    return [
        # Where Slack is missing, mail takes its place, so that every alert reaches somebody.
        {"name": "unrouted"} | (slack("critical", "danger") or email),
        *paging("critical", slack("critical", "danger") | email),
        {"name": "warning"} | (slack("warning", "warning") or email),
        *paging("security-critical", slack("security", "danger") | email),
        {"name": "security"} | (slack("security", "warning") or email),
        {"name": "info"} | (email or slack("warning", "good")),
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


def _email(email: Email, secret: str) -> dict[str, Any]:
    return {
        "to": email.on_call,
        "from": email.sender,
        "smarthost": email.smarthost,
        "auth_username": email.username or email.sender,
        "auth_password_file": _file(secret, SMTP_PASSWORD),
        "require_tls": email.require_tls,
        "send_resolved": True,
        "headers": {"Subject": _TITLE_OF_GROUP},
    }
