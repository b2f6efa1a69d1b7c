"""Receivers, mounted credentials and template calls, which all channels use."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from settings.credentials import Credential
from settings.links import LinksSettings
from settings.notifications import NotificationsSettings


@dataclass(frozen=True)
class Receiver:
    """A receiver of Alertmanager.

    Attributes:
        audience: Kind of alerts that it gets, from which each channel derives where it sends them.
        links: Addresses to which the links in its messages lead.
        team: The team whose PagerDuty service it pages instead of the default one.
    """

    audience: str
    links: LinksSettings
    team: str | None = None

    @property
    def name(self) -> str:
        """Name in Alertmanager's configuration."""
        return self.audience if self.team is None else f"{self.audience}-{self.team}"

    @property
    def message_links(self) -> dict[str, str]:
        """Links of a message, each with the template of its address."""
        default = self.links.without_annotation
        first = '(dict "url" (index .Alerts 0).Annotations.{} "default" "' + default + '")'
        found = {
            "Runbook": from_template("bais.link", first.format("runbook_url")),
            "Dashboard": from_template("bais.link", first.format("dashboard_url"))
            + from_template("bais.range", "(index .Alerts 0)"),
        }
        # Without an address of Alertmanager, its form for silences cannot be opened from a message.
        return found | ({"Silence": from_template("bais.silence")} if self.links.alertmanager else {})


# Returns the part of a receiver's configuration that sends to a channel; empty if the receiver does not use it.
Channel = Callable[[NotificationsSettings, Receiver], dict[str, Any]]


def credential_file(notifications: NotificationsSettings, credential: Credential) -> str:
    """Return the path of a mounted credential, for Alertmanager's `*_file` keys."""
    return f"/etc/alertmanager/secrets/{notifications.token_secret}/{credential.file}"


def from_template(name: str, data: str = ".") -> str:
    """Return a call of a template in `routing/templates`.

    `data` is the notification or a part of it.
    """
    return f'{{{{ template "{name}" {data} }}}}'
