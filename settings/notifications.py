"""Notification channels of a stack, their recipients, grouping and quiet hours."""

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
    """Slack channels, and whether one bot posts to all of them or one webhook to each."""

    bot_token: Flag = False
    critical_channel: Channel = "#bais-critical"
    warning_channel: Channel = "#bais-alerts"
    security_channel: Channel = "#bais-security"


class EmailSettings(SettingsModel):
    """Mail to the on-call engineer, and to others at their own address or, without one, at the on-call address."""

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
        """Address for alerts of the area security."""
        return self.security or self.on_call

    @property
    def to_business(self) -> str:
        """Address of the business stakeholders, for alerts of the areas payments and business."""
        return self.business or self.on_call

    @property
    def to_management(self) -> str:
        """Address for the daily summary."""
        return self.management or self.on_call


class QuietHours(SettingsModel):
    """Hours in which warnings or business mail wait; critical and security alerts never do."""

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
    """Channels in use; each needs its credentials, from the stack's configuration or from an existing Secret."""

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
    def _teams_need_pagerduty(self) -> Self:
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
            # When a stack changes to it, the engine deletes its own Secret of that name: the same object.
            raise refuse(f"another name than {TOKENS}, which is the program's own", key="existingSecret")
        return self

    @model_validator(mode="after")
    def _group_interval_is_no_shorter_than_group_wait(self) -> Self:
        if parse_duration(self.group_interval) < parse_duration(self.group_wait):
            raise refuse(f"groupWait, {self.group_wait}, or longer", key="groupInterval")
        return self

    @property
    def business_severities(self) -> tuple[str, ...]:
        """Severities of payment and business alerts mailed to the stakeholders; no alert goes twice to one address."""
        if self.email is None:
            return ()
        if self.email.to_business != self.email.on_call:
            return ("critical", "warning")
        # The on-call engineer gets critical alerts by mail anyway, and without Slack warnings too.
        return ("warning",) if self.slack else ()

    @property
    def budgets_in_summary(self) -> bool:
        """Whether the daily summary has error budgets: not at the on-call address, which gets them as alerts."""
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
        """Credentials that Alertmanager reads from the files of `token_secret`, its own or an existing one."""
        return mounted_credentials(self._as_written())

    def _as_written(self) -> dict[str, object]:
        # JSON, because a stack file has lists where the settings have tuples.
        return self.model_dump(mode="json", by_alias=True)
