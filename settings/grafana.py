"""Settings of Grafana, and their checks against the public URL."""

import re
from typing import Final
from urllib.parse import urlsplit

from pydantic import Field

from common.problems import Problem
from settings.base import SettingsModel
from settings.error_messages import describe_value
from settings.fields import (
    IN_GRAFANA,
    Annotations,
    Bytes,
    Flag,
    ObjectName,
    OptionalPlainText,
    OptionalSecretName,
    PlainText,
    SecretName,
    SecureUrl,
    VolumeSize,
)
from settings.resources import Limits, Requests, Resources

_URL_KEY: Final = "monitoring:links.grafana"
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.[a-z][a-z0-9-]*")


class GrafanaVolume(SettingsModel):
    """The volume of users, preferences and manually created dashboards; the rest is provisioned from code."""

    size: VolumeSize = "5Gi"
    storage_class: ObjectName = None


class GrafanaRequests(Requests):
    """Resource requests of the Grafana pod."""

    memory: Bytes = "256Mi"


class GrafanaLimits(Limits):
    """Resource limits of the Grafana pod."""

    memory: Bytes = "1Gi"


class GrafanaResources(Resources):
    """Resource requests and limits of the Grafana pod; Grafana Labs recommends at least 512 MiB of memory."""

    requests: GrafanaRequests = GrafanaRequests()
    limits: GrafanaLimits = GrafanaLimits()


class Ingress(SettingsModel):
    """The Ingress at the host of `links.grafana`, always with TLS."""

    tls_secret: SecretName
    class_name: ObjectName = None
    annotations: Annotations = Field(default_factory=dict)


class SignOn(SettingsModel):
    """Single sign-on with an OAuth 2 or OpenID Connect provider."""

    name: PlainText
    client_id: PlainText
    auth_url: SecureUrl
    token_url: SecureUrl
    api_url: SecureUrl
    scopes: PlainText = "openid profile email"
    role_attribute_path: PlainText
    allowed_domains: OptionalPlainText = None


class GrafanaSettings(SettingsModel):
    """Grafana; without `admin_secret`, the program creates the administrator's credentials."""

    enabled: Flag = True
    storage: GrafanaVolume = GrafanaVolume()
    resources: GrafanaResources = GrafanaResources()
    admin_secret: OptionalSecretName = None
    ingress: Ingress | None = None
    sign_on: SignOn | None = None


def runbook_problems(grafana: GrafanaSettings | None, runbooks: str | None) -> list[Problem]:
    """Return the problem of runbooks in a Grafana that the stack does not have."""
    if grafana is None or grafana.enabled or runbooks != IN_GRAFANA:
        return []
    return [Problem("monitoring:links.runbooks", f"{IN_GRAFANA}, with grafana.enabled: false", "an address")]


def grafana_problems(grafana: GrafanaSettings | None, public_url: str | None) -> list[Problem]:
    """Return the problem of a public URL, `links.grafana`, that does not fit the ingress or single sign-on."""
    if grafana is None or public_url is None or not grafana.enabled:
        return []
    url = urlsplit(public_url)
    if grafana.ingress and not (_HOST.fullmatch(url.netloc) and url.scheme == "https" and url.path in ("", "/")):
        allowed = "https:// and a host name without port or path, because the ingress serves that host over TLS"
        section = "ingress"
    elif grafana.sign_on and url.scheme != "https":
        allowed, section = "an https URL, because users sign in there", "signOn"
    else:
        return []
    return [Problem(_URL_KEY, f"{describe_value(_URL_KEY, public_url)}, with grafana.{section}", allowed)]
