"""Which channels a stack's alerts may use."""

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from common.durations import parse_duration
from settings.base import SettingsModel
from settings.credentials import TOKENS, Credential, mounted_credentials, required_in_config
from settings.fields import (
    Address,
    Channel,
    Flag,
    GroupInterval,
    GroupWait,
    Name,
    ObjectName,
    OptionalAddress,
    OptionalText,
    SecretSource,
    Smarthost,
    TimeOfDay,
    TimeZone,
    refuse,
)


class SlackSettings(SettingsModel):
    """The Slack channels, and whether a bot posts to all of them or a webhook to each."""

    bot_token: Flag = False
    critical_channel: Channel = "#bais-critical"
    warning_channel: Channel = "#bais-alerts"
    security_channel: Channel = "#bais-security"


class EmailSettings(SettingsModel):
    """Mail to the engineer on call, and to others in their own mailboxes or, where none is given, in that one."""

    sender: Address = Field(alias="from")
    smarthost: Smarthost
    on_call: Address
    security: OptionalAddress = None
    business: OptionalAddress = None
    management: OptionalAddress = None
    username: OptionalText = None
    require_tls: Flag = True

    @property
    def to_security(self) -> str:
        """Who gets the mail on alerts of the area security."""
        return self.security or self.on_call

    @property
    def to_business(self) -> str:
        """Who gets the mail on alerts of the areas payments and business, besides those who repair it."""
        return self.business or self.on_call

    @property
    def to_management(self) -> str:
        """Who gets the daily summary."""
        return self.management or self.on_call


class QuietHours(SettingsModel):
    """Hours in which what can wait until the morning does; nothing critical and nothing of the area security can."""

    begin: TimeOfDay
    end: TimeOfDay
    timezone: TimeZone = "UTC"
    weekends: Flag = True
    warnings: Flag = False
    business: Flag = False

    @model_validator(mode="after")
    def _quieten(self) -> Self:
        if self.begin == self.end:
            raise refuse("another time than begin", key="end")
        if not (self.warnings or self.business):
            raise refuse("warnings, business or both", found="neither: nothing would be quiet")
        return self


def _teams(value: object) -> object:
    if not isinstance(value, list):
        raise refuse("a list of teams, named as in the label team")
    if any(value.count(team) > 1 for team in value):
        raise refuse("each team once")
    return tuple(value)


class NotificationsSettings(SettingsModel):
    """Which channels are in use; each needs its secrets, from the stack's configuration or from an existing Secret."""

    secret_source: SecretSource = "configuration"
    existing_secret: ObjectName = None
    slack: SlackSettings | None = None
    pagerduty: Flag = False
    pagerduty_teams: Annotated[tuple[Name, ...], BeforeValidator(_teams)] = ()
    email: EmailSettings | None = None
    dead_mans_switch: Flag = False
    group_wait: GroupWait = "30s"
    group_interval: GroupInterval = "5m"
    quiet_hours: QuietHours | None = None

    @model_validator(mode="after")
    def _reach_somebody(self) -> Self:
        if self.slack is None and self.email is None:
            raise refuse("slack, email or both: otherwise a warning reaches nobody", found="neither slack nor email")
        return self

    @model_validator(mode="after")
    def _page(self) -> Self:
        if self.pagerduty_teams and not self.pagerduty:
            raise refuse("none, or pagerduty: true beside it", key="pagerdutyTeams")
        return self

    @model_validator(mode="after")
    def _quieten(self) -> Self:
        if self.quiet_hours is not None and self.quiet_hours.business and not self.business_severities:
            raise refuse("false, or a mailbox of the business stakeholders' own", key="quietHours.business")
        return self

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if (self.secret_source == "existing") != (self.existing_secret is not None):
            raise refuse("the name of a Secret if secretSource is existing, nothing if not", key="existingSecret")
        if self.existing_secret == TOKENS:
            # Going over to it, the engine would delete the one of that name which it has made itself.
            raise refuse(f"another name than {TOKENS}, which is the program's own", key="existingSecret")
        return self

    @model_validator(mode="after")
    def _group_interval_is_no_shorter_than_group_wait(self) -> Self:
        if parse_duration(self.group_interval) < parse_duration(self.group_wait):
            raise refuse(f"groupWait, {self.group_wait}, or longer", key="groupInterval")
        return self

    @property
    def business_severities(self) -> tuple[str, ...]:
        """Severities of payment and business alerts that are mailed once more; none twice to who is on call."""
        if self.email is None:
            return ()
        if self.email.to_business != self.email.on_call:
            return ("critical", "warning")
        # Critical alerts are mailed there anyway, and so are warnings where Slack is missing.
        return ("warning",) if self.slack else ()

    @property
    def budgets_in_summary(self) -> bool:
        """Whether the daily summary tells of error budgets: to whoever is on call it would be told twice."""
        return self.email is not None and self.email.to_management != self.email.on_call

    @property
    def token_secret(self) -> str:
        """Name of the Secret from which Alertmanager mounts its credentials."""
        return self.existing_secret or TOKENS

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """Credentials that the stack's encrypted configuration must hold; none with an existing Secret."""
        return required_in_config(self._as_written())

    @property
    def mounted_credentials(self) -> tuple[Credential, ...]:
        """Credentials that Alertmanager reads from the files of `token_secret`, whoever manages that Secret."""
        return mounted_credentials(self._as_written())

    def _as_written(self) -> dict[str, object]:
        # JSON, because a stack file has lists where the settings have tuples.
        return self.model_dump(mode="json", by_alias=True)
