"""Who hears of which alert: a stack's notifications as an Alertmanager configuration.

Tokens stay out of it. Each is read from a file that the pod mounts from one Secret.
"""

from typing import Any, Final

from components.credentials import (
    DEAD_MANS_SWITCH_URL,
    PAGERDUTY_ROUTING_KEY,
    SLACK_WEBHOOK_URL,
    SMTP_PASSWORD,
    Credential,
)
from components.settings import Email, Notifications

# Labels that tell one sick thing from another. An alert without one of them equals only alerts without it.
_SAME_THING: Final = ["area", "service", "namespace", "job", "instance"]

_TITLE: Final = '[{{ .Status | toUpper }}{{ if eq .Status "firing" }} {{ .Alerts.Firing | len }}{{ end }}] '
_TITLE_OF_GROUP: Final = _TITLE + "{{ .CommonLabels.alertname }} {{ .CommonLabels.service }}"
_TEXT: Final = (
    "{{ range .Alerts }}*{{ .Annotations.summary }}* ({{ .Labels.severity }})\n{{ .Annotations.description }}\n"
    "Impact: {{ .Annotations.impact }}\nFirst: {{ .Annotations.action }}\n"
    "<{{ .Annotations.runbook_url }}|Runbook> <{{ .Annotations.dashboard_url }}|Dashboard>\n{{ end }}"
)


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
            "repeat_interval": "4h",
            "routes": _routes(notifications),
        },
        "inhibit_rules": [
            {
                "source_matchers": ['severity="critical"'],
                "target_matchers": ['severity="warning"'],
                "equal": _SAME_THING,
            }
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
        "repeat_interval": "5m",
    }
    return [
        watchdog,
        {"receiver": "nobody", "matchers": ['severity="none"']},
        {"receiver": "security-critical", "matchers": ['area="security"', 'severity="critical"']},
        {"receiver": "security", "matchers": ['area="security"', 'severity="warning"']},
        {"receiver": "critical", "matchers": ['severity="critical"'], "repeat_interval": "1h"},
        {"receiver": "warning", "matchers": ['severity="warning"'], "repeat_interval": "12h"},
        {
            "receiver": "info",
            "matchers": ['severity="info"'],
            "group_by": ["area"],
            "group_wait": "5m",
            "group_interval": "24h",
            "repeat_interval": "24h",
        },
    ]


def _receivers(notifications: Notifications, secret: str) -> list[dict[str, Any]]:
    def slack(channel: str, color: str) -> dict[str, Any]:
        if notifications.slack is None:
            return {}
        return {"slack_configs": [_slack(getattr(notifications.slack, channel), color, secret)]}

    email = {"email_configs": [_email(notifications.email, secret)]} if notifications.email else {}
    pages = {"pagerduty_configs": [_pagerduty(secret)]} if notifications.pagerduty else {}
    switch = {
        "webhook_configs": [{"url_file": _file(secret, DEAD_MANS_SWITCH_URL), "send_resolved": False, "max_alerts": 1}]
    }
    return [
        # Where Slack is missing, mail takes its place, so that every alert reaches somebody.
        {"name": "unrouted"} | (slack("critical_channel", "danger") or email),
        {"name": "critical"} | pages | slack("critical_channel", "danger") | email,
        {"name": "warning"} | (slack("warning_channel", "warning") or email),
        {"name": "security-critical"} | pages | slack("security_channel", "danger") | email,
        {"name": "security"} | (slack("security_channel", "warning") or email),
        {"name": "info"} | (email or slack("warning_channel", "good")),
        *([{"name": "dead-mans-switch"} | switch] if notifications.dead_mans_switch else []),
        # On purpose without a channel, and reached only by alerts that mean nothing to a person.
        {"name": "nobody"},
    ]


def _file(secret: str, credential: Credential) -> str:
    return f"/etc/alertmanager/secrets/{secret}/{credential.file}"


def _slack(channel: str, color: str, secret: str) -> dict[str, Any]:
    return {
        "api_url_file": _file(secret, SLACK_WEBHOOK_URL),
        "channel": channel,
        "send_resolved": True,
        "color": f'{{{{ if eq .Status "firing" }}}}{color}{{{{ else }}}}good{{{{ end }}}}',
        "title": _TITLE_OF_GROUP,
        "text": _TEXT,
    }


def _pagerduty(secret: str) -> dict[str, Any]:
    return {
        "routing_key_file": _file(secret, PAGERDUTY_ROUTING_KEY),
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
