"""What a stack may set about Grafana."""

import re
from typing import Final
from urllib.parse import urlsplit

from pydantic import Field

from common.problems import Problem
from settings.base import SettingsModel
from settings.error_messages import describe_value
from settings.fields import Annotations, Bytes, Flag, ObjectName, OptionalPlainText, PlainText, SecretName, SecureUrl
from settings.resources import Limits, Requests, Resources

_ADDRESS: Final = "monitoring:links.grafana"
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.[a-z][a-z0-9-]*")


class GrafanaVolume(SettingsModel):
    """Users, their preferences and what they made by hand; what comes from code comes back by itself."""

    size: Bytes = "5Gi"
    storage_class: ObjectName = None


class GrafanaRequests(Requests):
    """What the pod is promised."""

    memory: Bytes = "256Mi"


class GrafanaLimits(Limits):
    """What the pod may not exceed."""

    memory: Bytes = "1Gi"


class GrafanaResources(Resources):
    """The pod's requests and limits; its makers recommend 512 MiB at least."""

    requests: GrafanaRequests = GrafanaRequests()
    limits: GrafanaLimits = GrafanaLimits()


class Ingress(SettingsModel):
    """The way in from outside, at the host of `links.grafana`; always encrypted."""

    tls_secret: SecretName
    class_name: ObjectName = None
    annotations: Annotations = Field(default_factory=dict)


class SignOn(SettingsModel):
    """Single sign-on at an OAuth 2 or OpenID Connect provider."""

    name: PlainText
    client_id: PlainText
    auth_url: SecureUrl
    token_url: SecureUrl
    api_url: SecureUrl
    scopes: PlainText = "openid profile email"
    role_attribute_path: PlainText
    allowed_domains: OptionalPlainText = None


class GrafanaSettings(SettingsModel):
    """Dashboards; without `admin_secret` the program makes the administrator's account itself."""

    enabled: Flag = True
    storage: GrafanaVolume = GrafanaVolume()
    resources: GrafanaResources = GrafanaResources()
    admin_secret: ObjectName = None
    ingress: Ingress | None = None
    sign_on: SignOn | None = None


def grafana_problems(grafana: GrafanaSettings | None, address: str | None) -> list[Problem]:
    """What is wrong between Grafana and `links.grafana`, the address at which people open it."""
    if grafana is None or address is None or not grafana.enabled:
        return []
    url = urlsplit(address)
    if grafana.ingress and not (_HOST.fullmatch(url.netloc) and url.scheme == "https" and url.path in ("", "/")):
        allowed, section = "https:// and a host name alone: the ingress serves that host, encrypted", "ingress"
    elif grafana.sign_on and url.scheme != "https":
        allowed, section = "an https address: people sign on there", "signOn"
    else:
        return []
    return [Problem(_ADDRESS, f"{describe_value(_ADDRESS, address)}, with grafana.{section}", allowed)]
