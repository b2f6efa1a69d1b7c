"""Which channels a stack's alerts may use."""

from typing import Self

from pydantic import Field, model_validator

from components.section import Section
from components.values import Address, Channel, Flag, OptionalText, Smarthost, refuse


class Slack(Section):
    """The Slack channels."""

    critical_channel: Channel = "#bais-critical"
    warning_channel: Channel = "#bais-alerts"
    security_channel: Channel = "#bais-security"


class Email(Section):
    """Mail to the engineer on call."""

    sender: Address = Field(alias="from")
    smarthost: Smarthost
    on_call: Address
    username: OptionalText = None
    require_tls: Flag = True


class Notifications(Section):
    """Which channels are in use; each needs its secrets."""

    slack: Slack | None = None
    pagerduty: Flag = False
    email: Email | None = None
    dead_mans_switch: Flag = False

    @model_validator(mode="after")
    def _reach_somebody(self) -> Self:
        if self.slack is None and self.email is None:
            raise refuse("slack, email or both: otherwise a warning reaches nobody", found="neither slack nor email")
        return self
