"""Addresses of the links in alerts, and the check that people can open them."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from common.problems import Problem
from settings.base import SettingsModel
from settings.fields import NODE_EXPORTER_SUFFIX, LinkedUrl, OptionalLinkedUrl

# RFC 6761 and RFC 1122: a host's own names and addresses.
_LOOPBACK: Final = re.compile(r"(.+\.)?localhost\.?|127\.[0-9.]+|0\.0\.0\.0|::1|::")


class LinksSettings(SettingsModel):
    """Base URLs of the links in alerts; without an address of Alertmanager, messages have no link to it."""

    runbooks: LinkedUrl
    grafana: LinkedUrl
    prometheus: OptionalLinkedUrl = None
    alertmanager: OptionalLinkedUrl = None

    @property
    def without_annotation(self) -> str:
        """Return where the links to runbook and dashboard lead for alerts that name none."""
        return self.alertmanager or self.grafana


def link_problems(sections: Mapping[str, Any]) -> list[Problem]:
    """Return the problems of links that only pods or one machine can open, from the valid sections by field name.

    `grafana.monitoring` is short for the Service of a pod. Other short names can be of a company's own domain.
    """
    links, namespace = sections.get("links"), sections.get("namespace")
    if links is None:
        return []
    problems = []
    for name in LinksSettings.model_fields:
        host = urlsplit(getattr(links, name) or "").hostname or ""
        key = f"monitoring:links.{name}"
        if namespace and re.fullmatch(rf"[^.]+\.{re.escape(namespace)}({NODE_EXPORTER_SUFFIX})?\.?", host):
            allowed = "an address that people can open, not of a Service of the stack"
            problems.append(Problem(key, host, allowed))
        elif _LOOPBACK.fullmatch(host) and sections.get("environment", "local") != "local":
            problems.append(Problem(key, host, "an address that people can open; loopback only in environment local"))
    return problems
