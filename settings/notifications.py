"""Notification channels of a stack, their recipients, grouping and quiet hours."""

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from common.durations import parse_duration
from common.secrets import ALERTMANAGER_TOKENS
from settings.base import SettingsModel
from settings.credentials import Credential, mounted_credentials, required_in_config
from settings.fields import (
    Address,
    Channel,
    Flag,
    GroupInterval,
    GroupWait,
    Name,
    OptionalAddress,
    OptionalPlainText,
    OptionalSecretName,
    SecretSource,
    Smarthost,
    TimeOfDay,
    TimeZone,
)
from settings.validators import invalid_value


class SlackSettings(SettingsModel):
    """Slack channels, posted to by one bot or by one webhook per channel."""

    bot_token: Flag = False
    critical_channel: Channel = "#bais-critical"
    warning_channel: Channel = "#bais-alerts"
    security_channel: Channel = "#bais-security"


class EmailSettings(SettingsModel):
    """Mail server and mailboxes; an audience without a mailbox uses the on-call mailbox."""

    sender: Address = Field(alias="from")
    smarthost: Smarthost
    on_call: Address
    security: OptionalAddress = None
    business: OptionalAddress = None
    management: OptionalAddress = None
    username: OptionalPlainText = None
    require_tls: Flag = True

    @property
    def to_security(self) -> str:
        """Return the address for alerts of the area security."""
        return self.security or self.on_call

    @property
    def to_business(self) -> str:
        """Return the address of the business stakeholders, for alerts of the areas payments and business."""
        return self.business or self.on_call

    @property
    def to_management(self) -> str:
        """Return the address for the daily summary."""
        return self.management or self.on_call


class QuietHours(SettingsModel):
    """Hours without notifications of warnings or business mail; critical and security alerts are always sent."""

    begin: TimeOfDay
    end: TimeOfDay
    timezone: TimeZone = "UTC"
    weekends: Flag = True
    warnings: Flag = False
    business: Flag = False

    @model_validator(mode="after")
    def _check_hours(self) -> Self:
        if self.begin == self.end:
            raise invalid_value("a time other than begin", key="end")
        if not (self.warnings or self.business):
            raise invalid_value("warnings, business or both", found="neither warnings nor business")
        return self


def _teams_to_tuple(value: object) -> object:
    if not isinstance(value, list):
        raise invalid_value("a list of teams, with the names of the label team")
    if any(value.count(team) > 1 for team in value):
        raise invalid_value("each team once")
    return tuple(value)


class NotificationsSettings(SettingsModel):
    """Channels in use and their timing; credentials are in the stack's configuration or in an existing Secret."""

    secret_source: SecretSource = "configuration"
    existing_secret: OptionalSecretName = None
    slack: SlackSettings | None = None
    pagerduty: Flag = False
    pagerduty_teams: Annotated[tuple[Name, ...], BeforeValidator(_teams_to_tuple)] = ()
    email: EmailSettings | None = None
    dead_mans_switch: Flag = False
    group_wait: GroupWait = "30s"
    group_interval: GroupInterval = "5m"
    quiet_hours: QuietHours | None = None

    @model_validator(mode="after")
    def _check_warning_channel(self) -> Self:
        if self.slack is None and self.email is None:
            allowed = "slack, email or both, so that warnings reach someone"
            raise invalid_value(allowed, found="neither slack nor email")
        return self

    @model_validator(mode="after")
    def _check_pagerduty_teams(self) -> Self:
        if self.pagerduty_teams and not self.pagerduty:
            raise invalid_value("an empty list unless pagerduty is true", key="pagerdutyTeams")
        return self

    @model_validator(mode="after")
    def _check_quiet_hours(self) -> Self:
        if self.quiet_hours is not None and self.quiet_hours.business and not self.business_severities:
            allowed = "false, or an address in email.business other than email.onCall"
            raise invalid_value(allowed, key="quietHours.business")
        return self

    @model_validator(mode="after")
    def _check_existing_secret(self) -> Self:
        if (self.secret_source == "existing") != (self.existing_secret is not None):
            raise invalid_value("the name of a Secret if and only if secretSource is existing", key="existingSecret")
        return self

    @model_validator(mode="after")
    def _check_group_interval(self) -> Self:
        if parse_duration(self.group_interval) < parse_duration(self.group_wait):
            raise invalid_value(f"groupWait ({self.group_wait}) or longer", key="groupInterval")
        return self

    @property
    def business_severities(self) -> tuple[str, ...]:
        """Return the severities of payment and business alerts that are also mailed to the stakeholders.

        No alert is mailed twice to one address.
        """
        if self.email is None:
            return ()
        if self.email.to_business != self.email.on_call:
            return ("critical", "warning")
        # The on-call mailbox gets critical alerts anyway, and also warnings if Slack is not configured.
        return ("warning",) if self.slack else ()

    @property
    def budgets_in_summary(self) -> bool:
        """Return whether the daily summary has error budgets; the on-call mailbox gets them as alerts."""
        return self.email is not None and self.email.to_management != self.email.on_call

    @property
    def token_secret(self) -> str:
        """Return the name of the Secret from which Alertmanager mounts its credentials."""
        return self.existing_secret or ALERTMANAGER_TOKENS

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """Return the credentials that the stack's encrypted configuration must hold; none with an existing Secret."""
        return required_in_config(self._raw())

    @property
    def mounted_credentials(self) -> tuple[Credential, ...]:
        """Return the credentials that Alertmanager reads from the files of `token_secret`."""
        return mounted_credentials(self._raw())

    def _raw(self) -> dict[str, object]:
        # JSON, because a stack file has lists where the settings have tuples.
        return self.model_dump(mode="json", by_alias=True)
