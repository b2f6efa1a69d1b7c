"""The credentials of a stack: which of them its settings ask for, and from where Alertmanager's come."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from settings import credential_formats as shapes
from settings.credential_formats import Shape

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
    shape: Shape
    is_asked_for: Callable[[Mapping[str, object]], bool]

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
        shape=shapes.WEBHOOK_URL,
        is_asked_for=_by_webhook,
    )


# One webhook a channel: the webhook of a Slack app posts to its own channel, whatever the message asks for.
SLACK_CRITICAL_WEBHOOK_URL: Final = _webhook("critical")
SLACK_WARNING_WEBHOOK_URL: Final = _webhook("warning")
SLACK_SECURITY_WEBHOOK_URL: Final = _webhook("security")
SLACK_BOT_TOKEN: Final = Credential(
    key="slackBotToken", file="slack-bot-token", shape=shapes.SLACK_BOT_TOKEN, is_asked_for=_by_bot
)
PAGERDUTY_ROUTING_KEY: Final = Credential(
    key="pagerdutyRoutingKey",
    file="pagerduty-routing-key",
    shape=shapes.PAGERDUTY_ROUTING_KEY,
    is_asked_for=lambda asked: asked.get("pagerduty") is True,
)
SMTP_PASSWORD: Final = Credential(
    key="smtpPassword",
    file="smtp-password",
    shape=shapes.PASSWORD,
    is_asked_for=lambda asked: asked.get("email") is not None,
)
DEAD_MANS_SWITCH_URL: Final = Credential(
    key="deadMansSwitchUrl",
    file="dead-mans-switch-url",
    shape=shapes.WEBHOOK_URL,
    is_asked_for=lambda asked: asked.get("deadMansSwitch") is True,
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
    shape=shapes.PASSWORD,
    is_asked_for=lambda asked: asked.get("signOn") is not None and asked.get("enabled") is not False,
)


def team_routing_key(team: str) -> Credential:
    """The routing key of a team that has a PagerDuty service of its own."""
    return Credential(
        key=f"{TEAM_ROUTING_KEYS}.{team}",
        file=f"pagerduty-routing-key-{team}",
        shape=shapes.PAGERDUTY_ROUTING_KEY,
        is_asked_for=PAGERDUTY_ROUTING_KEY.is_asked_for,
    )


def known(notifications: object) -> tuple[Credential, ...]:
    """Every credential that a stack with these notifications, as written in its file, may have."""
    teams = notifications.get("pagerdutyTeams") if isinstance(notifications, Mapping) else None
    names = [team for team in teams if isinstance(team, str)] if isinstance(teams, list) else []
    return (*CREDENTIALS, *(team_routing_key(team) for team in names))


def mounted(notifications: object) -> tuple[Credential, ...]:
    """The credentials whose files `monitoring:notifications`, as written in a stack file, makes Alertmanager read."""
    if not isinstance(notifications, Mapping):
        return ()
    return tuple(credential for credential in known(notifications) if credential.is_asked_for(notifications))


def is_kept_elsewhere(notifications: object) -> bool:
    """Whether these files come from a Secret that something else keeps."""
    return isinstance(notifications, Mapping) and notifications.get("secretSource") == "existing"


def asked_for(notifications: object) -> tuple[Credential, ...]:
    """Those of the mounted credentials that the stack's own configuration has to hold."""
    return () if is_kept_elsewhere(notifications) else mounted(notifications)


def asked_for_by_grafana(grafana: object) -> tuple[Credential, ...]:
    """The credentials that `monitoring:grafana`, as written in a stack file, needs in the stack's configuration."""
    is_asked_for = isinstance(grafana, Mapping) and GRAFANA_OAUTH_CLIENT_SECRET.is_asked_for(grafana)
    return (GRAFANA_OAUTH_CLIENT_SECRET,) if is_asked_for else ()


def by_team(found: Mapping[str, object]) -> dict[str, object]:
    """A configuration by key, with a key for each team instead of the mapping of all."""
    teams = found.get(TEAM_ROUTING_KEYS)
    if not isinstance(teams, Mapping) or set(teams) == {"secure"}:
        return dict(found)
    others = {key: value for key, value in found.items() if key != TEAM_ROUTING_KEYS}
    return others | {f"{TEAM_ROUTING_KEYS}.{team}": value for team, value in teams.items()}
