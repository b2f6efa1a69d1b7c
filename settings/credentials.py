"""The credentials of a stack: which of them its settings ask for, and from where Alertmanager's come."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from settings import credential_formats as shapes
from settings.credential_formats import CredentialFormat

TOKENS: Final = "alertmanager-tokens"
"""The Secret that the program makes of a stack's encrypted configuration, a file for each credential."""
TEAM_ROUTING_KEYS: Final = "pagerdutyTeamRoutingKeys"
"""The one encrypted key that is a mapping: of a team's name to its routing key."""


@dataclass(frozen=True, kw_only=True)
class Credential:
    """A secret of the stack: its configuration key, its file name in the pod, what it looks like, when it is needed.

    `key` has a dot where it leads into a mapping.
    """

    key: str
    file: str
    format: CredentialFormat
    is_required: Callable[[Mapping[str, object]], bool]

    def command(self, stack: str) -> str:
        """How a person gives it to a stack."""
        path = "--path " if "." in self.key else ""
        return f"pulumi config set --secret {path}monitoring:{self.key} <value> --stack {stack}"


def _by_bot(asked: Mapping[str, object]) -> bool:
    slack = asked.get("slack")
    return isinstance(slack, Mapping) and slack.get("botToken") is True


def _by_webhook(asked: Mapping[str, object]) -> bool:
    return asked.get("slack") is not None and not _by_bot(asked)


def _webhook(channel: str) -> Credential:
    return Credential(
        key=f"slack{channel.capitalize()}WebhookUrl",
        file=f"slack-{channel}-webhook-url",
        format=shapes.WEBHOOK_URL,
        is_required=_by_webhook,
    )


# One webhook a channel: the webhook of a Slack app posts to its own channel, whatever the message asks for.
SLACK_CRITICAL_WEBHOOK_URL: Final = _webhook("critical")
SLACK_WARNING_WEBHOOK_URL: Final = _webhook("warning")
SLACK_SECURITY_WEBHOOK_URL: Final = _webhook("security")
SLACK_BOT_TOKEN: Final = Credential(
    key="slackBotToken", file="slack-bot-token", format=shapes.SLACK_BOT_TOKEN, is_required=_by_bot
)
PAGERDUTY_ROUTING_KEY: Final = Credential(
    key="pagerdutyRoutingKey",
    file="pagerduty-routing-key",
    format=shapes.PAGERDUTY_ROUTING_KEY,
    is_required=lambda asked: asked.get("pagerduty") is True,
)
SMTP_PASSWORD: Final = Credential(
    key="smtpPassword",
    file="smtp-password",
    format=shapes.PASSWORD,
    is_required=lambda asked: asked.get("email") is not None,
)
DEAD_MANS_SWITCH_URL: Final = Credential(
    key="deadMansSwitchUrl",
    file="dead-mans-switch-url",
    format=shapes.WEBHOOK_URL,
    is_required=lambda asked: asked.get("deadMansSwitch") is True,
)
# Those that Alertmanager reads.
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
    format=shapes.PASSWORD,
    is_required=lambda asked: asked.get("signOn") is not None and asked.get("enabled") is not False,
)


def team_routing_key(team: str) -> Credential:
    """The routing key of a team that has a PagerDuty service of its own."""
    return Credential(
        key=f"{TEAM_ROUTING_KEYS}.{team}",
        file=f"pagerduty-routing-key-{team}",
        format=shapes.PAGERDUTY_ROUTING_KEY,
        is_required=PAGERDUTY_ROUTING_KEY.is_required,
    )


def supported_credentials(notifications: object) -> tuple[Credential, ...]:
    """Every credential that a stack with these notifications, as written in its file, may have."""
    teams = notifications.get("pagerdutyTeams") if isinstance(notifications, Mapping) else None
    names = [team for team in teams if isinstance(team, str)] if isinstance(teams, list) else []
    return (*CREDENTIALS, *(team_routing_key(team) for team in names))


def mounted_credentials(notifications: object) -> tuple[Credential, ...]:
    """The credentials whose files `monitoring:notifications`, as written in a stack file, makes Alertmanager read."""
    if not isinstance(notifications, Mapping):
        return ()
    return tuple(
        credential for credential in supported_credentials(notifications) if credential.is_required(notifications)
    )


def uses_existing_secret(notifications: object) -> bool:
    """Whether these files come from a Secret that something else keeps."""
    return isinstance(notifications, Mapping) and notifications.get("secretSource") == "existing"


def required_in_config(notifications: object) -> tuple[Credential, ...]:
    """Those of the mounted credentials that the stack's own configuration has to hold."""
    return () if uses_existing_secret(notifications) else mounted_credentials(notifications)


def required_by_grafana(grafana: object) -> tuple[Credential, ...]:
    """The credentials that `monitoring:grafana`, as written in a stack file, needs in the stack's configuration."""
    is_required = isinstance(grafana, Mapping) and GRAFANA_OAUTH_CLIENT_SECRET.is_required(grafana)
    return (GRAFANA_OAUTH_CLIENT_SECRET,) if is_required else ()


def expand_team_keys(found: Mapping[str, object]) -> dict[str, object]:
    """A configuration by key, with a key for each team instead of the mapping of all."""
    teams = found.get(TEAM_ROUTING_KEYS)
    if not isinstance(teams, Mapping) or set(teams) == {"secure"}:
        return dict(found)
    others = {key: value for key, value in found.items() if key != TEAM_ROUTING_KEYS}
    return others | {f"{TEAM_ROUTING_KEYS}.{team}": value for team, value in teams.items()}
