"""Completeness of messages: facts that each channel must show."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from local.demo.fake_receivers import Message
from tools.delivery.alertmanager import EXTERNAL_URL
from tools.delivery.expectations import channel

COLORS: Final = {"critical": "danger", "warning": "warning", "info": "#439fe0"}
# Subject of mails to management, which contain no action and no silence link.
SUMMARY: Final = "daily summary"


def missing(message: Message, alert: Mapping[str, Any], started: datetime) -> set[str]:
    """Return the facts about an alert that are missing in a message.

    A fact must be in the part of the message in which its channel shows it.
    """
    required = facts(alert, started)
    color = "good" if message.resolved else COLORS.get(alert["labels"]["severity"], "danger")
    shown = places(message)
    return {
        fact
        for fact, text in shown.items()
        if not all(word in text for word in (required | {"color": (color,)})[fact.partition(" ")[0]])
    }


def facts(alert: Mapping[str, Any], started: datetime) -> dict[str, tuple[str, ...]]:
    """Return each fact about an alert with the texts that state it."""
    labels, annotations = alert["labels"], alert["annotations"]
    return {
        "name": (labels["alertname"], labels["service"]),
        "summary": (annotations["summary"],),
        "value": (annotations["description"],),
        "since": (f"{started:%Y-%m-%d}", f"{started:%H:%M:%S}"),
        "environment": (labels["environment"],),
        "severity": (labels["severity"],),
        "impact": (annotations["impact"],),
        "action": (annotations["action"],),
        "runbook": (annotations["runbook_url"],),
        "dashboard": (annotations["dashboard_url"],),
        "silence": (f"{EXTERNAL_URL}/#/silences/new?filter=%7B", labels["alertname"]),
    }


def places(message: Message) -> dict[str, str]:
    """Return the part of a message in which its channel shows each fact.

    For mail, `fact (plain)` and `fact (html)`.
    """
    return _PLACES[channel(message.address)](message.parts)


def _in_slack(message: Mapping[str, Any]) -> dict[str, str]:
    attachment = message["attachments"][0]
    text = html.unescape(attachment["text"])
    fields = {field["title"]: field["value"] for field in attachment["fields"]}
    buttons = {action["text"]: action["url"] for action in attachment["actions"]}
    return {
        "name": html.unescape(attachment["title"]),
        **dict.fromkeys(("summary", "value", "since", "impact", "action"), text),
        "environment": fields.get("Environment", ""),
        "severity": fields.get("Severity", ""),
        **{fact: buttons.get(fact.capitalize(), "") for fact in ("runbook", "dashboard", "silence")},
        "color": attachment["color"],
    }


def _on_pagerduty(event: Mapping[str, Any]) -> dict[str, str]:
    payload, links = event["payload"], {link["text"]: link["href"] for link in event["links"]}
    details = payload["custom_details"]
    alerts = json.dumps([*details["firing"], *details["resolved"]], ensure_ascii=False)
    return {
        **dict.fromkeys(("name", "summary"), payload["summary"]),
        **dict.fromkeys(("value", "since", "impact", "action"), alerts),
        "environment": payload["group"],
        "severity": payload["severity"],
        **{fact: links.get(fact.capitalize(), "") for fact in ("runbook", "dashboard", "silence")},
    }


def _in_email(mail: Mapping[str, str]) -> dict[str, str]:
    return {f"{fact} ({kind})": text for kind in ("plain", "html") for fact, text in _in_mail(mail, kind).items()}


def _in_mail(mail: Mapping[str, str], kind: str) -> dict[str, str]:
    text = html.unescape(mail[kind])
    of_all = ("name", "summary", "value", "since", "environment", "impact", "runbook", "dashboard")
    # A resolved alert needs no silence.
    of_repair = ("severity", "action", *(() if mail["subject"].startswith("[RESOLVED]") else ("silence",)))
    return dict.fromkeys((*of_all, *(() if SUMMARY in mail["subject"] else of_repair)), text)


# One row per channel of tools/delivery/expectations.py.
_PLACES: Final[Mapping[str, Callable[[Mapping[str, Any]], dict[str, str]]]] = {
    "slack": _in_slack,
    "pagerduty": _on_pagerduty,
    "email": _in_email,
    # A machine: nothing in the message matters.
    "dead-mans-switch": lambda _: {},
}
