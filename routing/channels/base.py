"""Parts that the channels share: the receiver, mounted credentials, calls of templates."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from settings.credentials import Credential
from settings.notifications import NotificationsSettings


@dataclass(frozen=True)
class Receiver:
    """A receiver of Alertmanager.

    Attributes:
        audience: the alerts that it gets, by which a channel decides where to send them.
        team: the team whose PagerDuty service it pages instead of the default one.
    """

    audience: str
    team: str | None = None

    @property
    def name(self) -> str:
        """Name in Alertmanager's configuration."""
        return self.audience if self.team is None else f"{self.audience}-{self.team}"


Channel = Callable[[NotificationsSettings, Receiver], dict[str, Any]]
"""The part of a receiver's configuration that sends to a channel; empty if this receiver does not use it."""


def credential_file(notifications: NotificationsSettings, credential: Credential) -> str:
    """Return the path of a mounted credential, for one of Alertmanager's `*_file` keys."""
    return f"/etc/alertmanager/secrets/{notifications.token_secret}/{credential.file}"


def from_template(name: str, data: str = ".") -> str:
    """Return a call of a template in `routing/templates` with the notification or a part of it."""
    return f'{{{{ template "{name}" {data} }}}}'
