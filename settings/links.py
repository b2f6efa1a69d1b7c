"""Addresses of the links in alerts, and the check that people can open them."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from common.problems import Problem
from settings.base import SettingsModel
from settings.fields import IN_GRAFANA, NODE_EXPORTER_SUFFIX, LinkedUrl, OptionalLinkedUrl, RunbooksUrl


class LinksSettings(SettingsModel):
    """Base URLs of the links in alerts; without an address of Alertmanager, messages have no link to it.

    With `runbooks: grafana` the runbooks are boards of the stack's own Grafana.
    """

    runbooks: RunbooksUrl
    grafana: LinkedUrl
    prometheus: OptionalLinkedUrl = None
    alertmanager: OptionalLinkedUrl = None

    @property
    def runbooks_in_grafana(self) -> bool:
        """Return whether the runbooks are boards of the stack's Grafana."""
        return self.runbooks == IN_GRAFANA

    @property
    def runbook_base(self) -> str:
        """Return the address to which the paths of the runbooks are relative."""
        return self.grafana if self.runbooks_in_grafana else self.runbooks

    @property
    def without_annotation(self) -> str:
        """Return where the links to runbook and dashboard lead for alerts that name none."""
        return self.alertmanager or self.grafana


def link_problems(sections: Mapping[str, Any]) -> list[Problem]:
    """Return the problems of links that only pods can open, from the valid sections by field name.

    `grafana.monitoring` is short for the Service of a pod. Other short names can be of a company's own domain, and
    loopback is the address of a forwarded port.
    """
    links, namespace = sections.get("links"), sections.get("namespace")
    if links is None or namespace is None:
        return []
    short = re.compile(rf"[^.]+\.{re.escape(namespace)}({NODE_EXPORTER_SUFFIX})?\.?")
    hosts = {name: urlsplit(getattr(links, name) or "").hostname or "" for name in LinksSettings.model_fields}
    return [
        Problem(f"monitoring:links.{name}", host, "an address that people can open, not of a Service of the stack")
        for name, host in hosts.items()
        if short.fullmatch(host)
    ]
