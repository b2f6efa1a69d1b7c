"""The encrypted values of a stack, and which of them its settings ask for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from rules.faults import Fault


@dataclass(frozen=True, kw_only=True)
class Credential:
    """A secret of the stack: its configuration key, its file name in the pod, and which section needs it when."""

    key: str
    file: str
    is_asked_for: Callable[[Mapping[str, object]], bool]
    section: str = "notifications"


def _slack(asked: Mapping[str, object]) -> bool:
    return asked.get("slack") is not None


# One webhook a channel: the webhook of a Slack app posts to its own channel, whatever the message asks for.
SLACK_CRITICAL_WEBHOOK_URL: Final = Credential(
    key="slackCriticalWebhookUrl", file="slack-critical-webhook-url", is_asked_for=_slack
)
SLACK_WARNING_WEBHOOK_URL: Final = Credential(
    key="slackWarningWebhookUrl", file="slack-warning-webhook-url", is_asked_for=_slack
)
SLACK_SECURITY_WEBHOOK_URL: Final = Credential(
    key="slackSecurityWebhookUrl", file="slack-security-webhook-url", is_asked_for=_slack
)
PAGERDUTY_ROUTING_KEY: Final = Credential(
    key="pagerdutyRoutingKey", file="pagerduty-routing-key", is_asked_for=lambda asked: asked.get("pagerduty") is True
)
SMTP_PASSWORD: Final = Credential(
    key="smtpPassword", file="smtp-password", is_asked_for=lambda asked: asked.get("email") is not None
)
DEAD_MANS_SWITCH_URL: Final = Credential(
    key="deadMansSwitchUrl",
    file="dead-mans-switch-url",
    is_asked_for=lambda asked: asked.get("deadMansSwitch") is True,
)
GRAFANA_OAUTH_CLIENT_SECRET: Final = Credential(
    key="grafanaOauthClientSecret",
    file="oauth-client-secret",
    is_asked_for=lambda asked: asked.get("signOn") is not None and asked.get("enabled") is not False,
    section="grafana",
)
CREDENTIALS: Final = (
    SLACK_CRITICAL_WEBHOOK_URL,
    SLACK_WARNING_WEBHOOK_URL,
    SLACK_SECURITY_WEBHOOK_URL,
    PAGERDUTY_ROUTING_KEY,
    SMTP_PASSWORD,
    DEAD_MANS_SWITCH_URL,
    GRAFANA_OAUTH_CLIENT_SECRET,
)


def asked_for(asked: object, section: str = "notifications") -> tuple[Credential, ...]:
    """The credentials that a section of the settings, as written in a stack file, needs."""
    if not isinstance(asked, Mapping):
        return ()
    return tuple(
        credential for credential in CREDENTIALS if credential.section == section and credential.is_asked_for(asked)
    )


def credential_faults(values: Mapping[str, object], secrets: frozenset[str], stack: str) -> list[Fault]:
    """A fault for each credential in plain text, and for each one that the settings need and nobody gave."""
    sections = {credential.section for credential in CREDENTIALS}
    needed = [credential for section in sections for credential in asked_for(values.get(section), section)]
    return [
        Fault(
            key=f"monitoring:{credential.key}",
            found="a plain value" if credential.key in values else "nothing",
            allowed=f"pulumi config set --secret monitoring:{credential.key} <value> --stack {stack}",
        )
        for credential in CREDENTIALS
        if credential.key in values or (credential in needed and credential.key not in secrets)
    ]
