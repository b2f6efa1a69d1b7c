"""Alertmanager configuration and rules of a stack, and local receivers."""

from __future__ import annotations

import contextlib
import functools
import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from catalogue.stack import for_stack
from common.durations import parse_duration
from common.project import PROJECT
from local.demo.fake_receivers import Inbox, credential_values, http_receivers, mail_receiver
from local.processes import free_ports
from manifests.charts import merged
from preflight.plan import render_rules
from routing.inhibition import INHIBITIONS
from routing.routes import alertmanager_configuration
from settings.credentials import mounted_credentials
from settings.loader import SettingsError, build_settings, load_sections
from settings.sources import from_file
from tools.delivery.alertmanager import (
    EXTERNAL_URL,
    Alertmanager,
    Configuration,
    alertmanager,
    redirect,
    shorten_timings,
)
from tools.expanded_links import expand_link
from tools.expected_alerts import expected_alerts

# Changes the timings of a configuration.
Timings = Callable[[Configuration], Configuration]
# Labels that inhibition rules compare.
DISTINGUISHING: Final = frozenset(label for inhibition in INHIBITIONS for label in inhibition.equal)


@dataclass(frozen=True)
class Stack:
    """The configuration of a stack.

    Attributes:
        name: Name of the stack.
        tokens: Name of its Secret with tokens.
        mail_encrypted: Whether mail requires TLS.
        configuration: Alertmanager configuration.
        rules: Alerting rules by name.
        groups: All rule groups.
        scrape_interval: Scrape interval in seconds.
        origin: Labels that Prometheus adds to every alert.
        teams: Teams with their own PagerDuty key.
    """

    name: str
    tokens: str
    mail_encrypted: bool
    configuration: Configuration
    rules: Mapping[str, Mapping[str, Any]]
    groups: Sequence[Mapping[str, Any]]
    scrape_interval: int
    origin: Mapping[str, str]
    teams: tuple[str, ...]

    def alert(
        self, name: str, labels: Mapping[str, str] | None = None, *, place: str | None = None, mark: str = ""
    ) -> dict[str, Any]:
        """Return a firing alert with these labels.

        Labels that inhibition rules compare are set to `place`, by default the name of the alert in lower case.
        """
        example, rule = expected_alerts()[name][0], self.rules[name]
        own = dict.fromkeys(DISTINGUISHING & set(example.labels), place or name.lower())
        all_labels = {"alertname": name, **self.origin, **example.labels, **own, **(labels or {}), **rule["labels"]}
        links = {
            key: expand_link(text, all_labels) for key, text in rule["annotations"].items() if key.endswith("_url")
        }
        return with_mark(mark or name, all_labels, {**example.annotations, **links})


def with_mark(mark: str, labels: Mapping[str, str], annotations: Mapping[str, str]) -> dict[str, Any]:
    """Return an alert with a mark in its summary, which identifies it in messages."""
    summary = f"{annotations.get('summary', '')} mark-{mark}-end"
    return {"labels": dict(labels), "annotations": {**annotations, "summary": summary}}


def stack(name: str, settings: Mapping[str, Any] | None = None, *, linked: bool = True, **changes: Any) -> Stack:
    """Load a stack file with changes to its settings and to its notifications.

    `linked` is whether people can open its Alertmanager.

    Raises:
        SettingsError: the changed settings are invalid.
    """
    raw = from_file(PROJECT / f"Pulumi.{name}.yaml", PROJECT / "Pulumi.yaml")
    values = merged(raw.values, {"notifications": changes, **(settings or {})})
    links = {key: address for key, address in values["links"].items() if key != "alertmanager"}
    values["links"] = links | ({"alertmanager": EXTERNAL_URL} if linked else {})
    keys = frozenset(each.key for each in mounted_credentials(values["notifications"]))
    loaded = load_sections(replace(raw, values=values, secrets=raw.secrets | keys))
    if loaded.problems:
        raise SettingsError(name, loaded.problems)
    notifications, alerts = (loaded.sections[key] for key in ("notifications", "alerts"))
    rendered = render_rules(build_settings(loaded), for_stack(tunables=alerts.tunables, overrides=alerts.overrides))
    rules = [rule for area in rendered.values() for group in area["groups"] for rule in group["rules"]]
    return Stack(
        name,
        notifications.token_secret,
        notifications.email is not None and notifications.email.require_tls,
        alertmanager_configuration(notifications, loaded.sections["links"]),
        {rule["alert"]: rule for rule in rules if "alert" in rule},
        [group for area in rendered.values() for group in area["groups"]],
        parse_duration(loaded.sections["prometheus"].scrape_interval),
        {"environment": loaded.sections["environment"], "cluster": loaded.sections["cluster"].name},
        notifications.pagerduty_teams,
    )


@dataclass(frozen=True)
class DeliveryEnvironment:
    """Local receivers of the Alertmanagers of a stack.

    Attributes:
        stack: The stack.
        inbox: Received messages.
        services: Address of the HTTP receivers.
        redirect: Changes a configuration to the local receivers.
        tokens: Folder of the token files.
        mail: Context manager that runs the mail server.
    """

    stack: Stack
    inbox: Inbox
    services: str
    redirect: Callable[[Configuration], Configuration]
    tokens: Path
    mail: Callable[[], contextlib.AbstractContextManager[None]]

    @property
    def configuration(self) -> Configuration:
        """Return the configuration of the stack with changed timings and addresses."""
        return self.redirect(self.stack.configuration)


@contextlib.contextmanager
def delivery_environment(of: Stack, folder: Path, timings: Timings = shorten_timings) -> Iterator[DeliveryEnvironment]:
    """Run all receivers of a stack except the mail server."""
    inbox = Inbox(teams=of.teams)
    certificate, key = certificate_of(folder)
    (port,) = free_ports(1)
    with http_receivers(inbox) as services:
        tokens = folder / "tokens" / of.tokens
        _write_tokens(tokens, services, of.teams)
        addresses = {
            "tokens": str(folder / "tokens"),
            "services": services,
            "mail_server": f"127.0.0.1:{port}",
            "ca": str(certificate),
        }
        mail = functools.partial(mail_receiver, inbox, port, certificate, key, tls=of.mail_encrypted)
        yield DeliveryEnvironment(
            of, inbox, services, lambda configuration: redirect(timings(configuration), **addresses), tokens, mail
        )
    assert inbox.refused == []


@contextlib.contextmanager
def delivering(stack: Stack, folder: Path, timings: Timings = shorten_timings) -> Iterator[tuple[Alertmanager, Inbox]]:
    """Run the Alertmanager of a stack with all receivers; yield it and the inbox."""
    with (
        delivery_environment(stack, folder, timings) as environment,
        environment.mail(),
        alertmanager(folder / "alertmanager", environment.configuration) as running,
    ):
        yield running, environment.inbox


def _write_tokens(folder: Path, services: str, teams: Iterable[str]) -> None:
    folder.mkdir(parents=True)
    for name, token in credential_values(services, teams).items():
        (folder / name).write_text(token)


def certificate_of(folder: Path) -> tuple[Path, Path]:
    """Write a self-signed certificate for 127.0.0.1 and its key; return both paths."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files
