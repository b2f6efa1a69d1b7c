"""Credentials of a stack: configuration keys, file names, formats, and when settings require them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

# The only encrypted key that is a mapping: from a team's name to its routing key.
TEAM_ROUTING_KEYS: Final = "pagerdutyTeamRoutingKeys"


@dataclass(frozen=True, kw_only=True)
class CredentialFormat:
    """Format of a credential as its issuer documents it.

    Attributes:
        allowed: the format in words, for error messages.
        pattern: the regular expression that the whole credential must match.
    """

    allowed: str
    pattern: str

    def accepts(self, value: str) -> bool:
        """Return whether a value has this format."""
        return value.isprintable() and re.fullmatch(self.pattern, value) is not None


# A webhook URL is itself the credential: plain http is allowed only to this machine, as in stack `local`.
_WEBHOOK_URL: Final = CredentialFormat(
    allowed="an https URL without whitespace",
    pattern=r"https://[^\s/?#]+([/?]\S*)?|http://(127\.0\.0\.1|localhost)(:[0-9]+)?(/\S*)?",
)
# docs.slack.dev/authentication/tokens: a bot token; with token rotation it has the prefix xoxe. as well.
_SLACK_BOT_TOKEN: Final = CredentialFormat(
    allowed="a Slack bot token, which starts with xoxb- or xoxe.xoxb-", pattern=r"(xoxe\.)?xoxb-[A-Za-z0-9-]+"
)
# developer.pagerduty.com/docs/send-alert-event: the integration key of a service.
_PAGERDUTY_ROUTING_KEY: Final = CredentialFormat(allowed="32 letters and digits", pattern=r"[A-Za-z0-9]{32}")
_PASSWORD: Final = CredentialFormat(
    allowed="one line without leading or trailing whitespace, which Alertmanager would strip", pattern=r"\S(.*\S)?"
)


@dataclass(frozen=True, kw_only=True)
class Credential:
    """A secret of the stack.

    Attributes:
        key: the configuration key, with a dot if it is an entry of a mapping.
        file: the name of the file in the pod, which is also the key in the Secret.
        format: the format that the issuer documents.
        is_required: whether a raw section of the stack file requires the credential.
    """

    key: str
    file: str
    format: CredentialFormat
    is_required: Callable[[Mapping[str, object]], bool]

    def command(self, stack: str) -> str:
        """Return the command that sets the credential in a stack."""
        path = "--path " if "." in self.key else ""
        return f"pulumi config set --secret {path}monitoring:{self.key} <value> --stack {stack}"


def _uses_slack_bot(notifications: Mapping[str, object]) -> bool:
    slack = notifications.get("slack")
    return isinstance(slack, Mapping) and slack.get("botToken") is True


def _uses_slack_webhooks(notifications: Mapping[str, object]) -> bool:
    return notifications.get("slack") is not None and not _uses_slack_bot(notifications)


def _slack_webhook(channel: str) -> Credential:
    return Credential(
        key=f"slack{channel.capitalize()}WebhookUrl",
        file=f"slack-{channel}-webhook-url",
        format=_WEBHOOK_URL,
        is_required=_uses_slack_webhooks,
    )


# One webhook per channel: a Slack app's webhook posts to its own channel and ignores the channel in the message.
SLACK_CRITICAL_WEBHOOK_URL: Final = _slack_webhook("critical")
SLACK_WARNING_WEBHOOK_URL: Final = _slack_webhook("warning")
SLACK_SECURITY_WEBHOOK_URL: Final = _slack_webhook("security")
SLACK_BOT_TOKEN: Final = Credential(
    key="slackBotToken", file="slack-bot-token", format=_SLACK_BOT_TOKEN, is_required=_uses_slack_bot
)
PAGERDUTY_ROUTING_KEY: Final = Credential(
    key="pagerdutyRoutingKey",
    file="pagerduty-routing-key",
    format=_PAGERDUTY_ROUTING_KEY,
    is_required=lambda notifications: notifications.get("pagerduty") is True,
)
SMTP_PASSWORD: Final = Credential(
    key="smtpPassword",
    file="smtp-password",
    format=_PASSWORD,
    is_required=lambda notifications: notifications.get("email") is not None,
)
DEAD_MANS_SWITCH_URL: Final = Credential(
    key="deadMansSwitchUrl",
    file="dead-mans-switch-url",
    format=_WEBHOOK_URL,
    is_required=lambda notifications: notifications.get("deadMansSwitch") is True,
)
# The credentials that Alertmanager reads.
CREDENTIALS: Final = (
    SLACK_CRITICAL_WEBHOOK_URL,
    SLACK_WARNING_WEBHOOK_URL,
    SLACK_SECURITY_WEBHOOK_URL,
    SLACK_BOT_TOKEN,
    PAGERDUTY_ROUTING_KEY,
    SMTP_PASSWORD,
    DEAD_MANS_SWITCH_URL,
)
GRAFANA_OAUTH_CLIENT_SECRET: Final = Credential(
    key="grafanaOauthClientSecret",
    file="oauth-client-secret",
    format=_PASSWORD,
    is_required=lambda grafana: grafana.get("signOn") is not None and grafana.get("enabled") is not False,
)


def team_routing_key(team: str) -> Credential:
    """Return the routing key of a team that has its own PagerDuty service."""
    return Credential(
        key=f"{TEAM_ROUTING_KEYS}.{team}",
        file=f"pagerduty-routing-key-{team}",
        format=_PAGERDUTY_ROUTING_KEY,
        is_required=PAGERDUTY_ROUTING_KEY.is_required,
    )


# The functions below take a raw section of a stack file, valid or not, so that missing credentials are reported
# together with the problems of the section itself. NotificationsSettings passes itself in the same form.
def supported_credentials(notifications: object) -> tuple[Credential, ...]:
    """Return every credential of Alertmanager that a stack with these notifications may set."""
    teams = notifications.get("pagerdutyTeams") if isinstance(notifications, Mapping) else None
    names = [team for team in teams if isinstance(team, str)] if isinstance(teams, list) else []
    return (*CREDENTIALS, *(team_routing_key(team) for team in names))


def mounted_credentials(notifications: object) -> tuple[Credential, ...]:
    """Return the credentials that Alertmanager reads, from either Secret, with these notifications."""
    if not isinstance(notifications, Mapping):
        return ()
    return tuple(
        credential for credential in supported_credentials(notifications) if credential.is_required(notifications)
    )


def uses_existing_secret(notifications: object) -> bool:
    """Return whether the credentials are in a Secret that the program does not manage."""
    return isinstance(notifications, Mapping) and notifications.get("secretSource") == "existing"


def required_in_config(notifications: object) -> tuple[Credential, ...]:
    """Return the mounted credentials that the stack's encrypted configuration must hold."""
    return () if uses_existing_secret(notifications) else mounted_credentials(notifications)


def required_by_grafana(grafana: object) -> tuple[Credential, ...]:
    """Return the credentials that Grafana requires in the stack's encrypted configuration."""
    is_required = isinstance(grafana, Mapping) and GRAFANA_OAUTH_CLIENT_SECRET.is_required(grafana)
    return (GRAFANA_OAUTH_CLIENT_SECRET,) if is_required else ()


def expand_team_keys(configuration: Mapping[str, object]) -> dict[str, object]:
    """Return a configuration with one key per team in place of the mapping of all teams."""
    teams = configuration.get(TEAM_ROUTING_KEYS)
    if not isinstance(teams, Mapping) or set(teams) == {"secure"}:
        return dict(configuration)
    others = {key: value for key, value in configuration.items() if key != TEAM_ROUTING_KEYS}
    return others | {f"{TEAM_ROUTING_KEYS}.{team}": value for team, value in teams.items()}
