"""Message texts: production templates, rendered by a real Alertmanager."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import pytest

from local.demo.fake_receivers import PAGERDUTY, Message
from routing.templates import templates
from tools.delivery.alertmanager import EXTERNAL_URL, wait_until
from tools.delivery.completeness import SUMMARY, missing
from tools.delivery.expectations import expected, expected_of_unrouted
from tools.delivery.stacks import delivering, stack, with_mark

PROD: Final = stack("prod")
DELIVERED_WITHIN: Final = 20
INFO: Final = next(name for name, rule in PROD.rules.items() if rule["labels"]["severity"] == "info")
# One alert per kind of message, with its sorted addresses.
ADDRESSES: Final = {
    name: tuple(sorted(expected("prod", PROD.alert(name)["labels"])))
    for name in ("PaymentFailureRateHigh", "BruteForceSuspected", "NodeCpuHigh", "ApiErrorBudgetBurnsSlowly", INFO)
}
# The same for the hostile alerts.
HOSTILE_AT: Final = expected("prod", {"severity": "critical", "area": "payments", "slo": "any"})
TRIFLE_AT: Final = expected("prod", {"severity": "info", "area": "payments"})
BARE_AT: Final = expected_of_unrouted("prod")
CATALOGUE: Final = {"catalogue": "bais"}
# Number of alerts in all messages.
EXPECTED: Final = sum(len(addresses) for addresses in (*ADDRESSES.values(), HOSTILE_AT, TRIFLE_AT, BARE_AT))
EVIL: Final = (
    "<script>alert(1)</script> <!channel> <https://evil.example|here> & \"quoted\" 'single' {{ .Labels }} *bold*\r\n"
    "Bcc: all@bais.example\n\tnext: line\x07\x7f [x]: y %s 100% $1 \\ `code` "
)
HOSTILE: Final = EVIL + "𝄞ü" * 2000


@dataclass(frozen=True)
class Delivered:
    """Alerts, and their firing and resolved messages by mark."""

    alerts: Mapping[str, Mapping[str, Any]]
    started: datetime
    firing: Mapping[str, list[Message]]
    resolved: Mapping[str, list[Message]]
    failed: float


def hostile() -> list[dict[str, Any]]:
    """Return alerts with hostile texts in every field, or without any texts."""
    links = {"runbook_url": "javascript:alert(1)//" + EVIL, "dashboard_url": 'https://x.example/"><script>' + EVIL}
    texts = dict.fromkeys(("description", "impact", "action"), HOSTILE)
    found = []
    for mark, severity, slo in (("Hostile", "critical", {"slo": HOSTILE}), ("Trifle", "info", {}), ("Bare", "", {})):
        labels = {
            "alertname": mark,
            "severity": severity,
            "area": "payments",
            "catalogue": "bais",
            **slo,
            **PROD.origin,
        }
        evil = dict.fromkeys(("service", "team", "instance"), HOSTILE) if mark != "Bare" else {}
        annotations = {**texts, **links} if mark != "Bare" else {}
        found.append({"labels": {**labels, **evil}, "annotations": annotations})
        found[-1]["annotations"]["summary"] = f"mark-{mark}-end {annotations.get('description', '')}"
    return found


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Delivered]:
    alerts = {name: PROD.alert(name, {"node": "worker-3"} if name.startswith("Node") else {}) for name in ADDRESSES}
    posted = [*alerts.values(), *hostile()]
    with delivering(PROD, tmp_path_factory.mktemp("messages")) as (alertmanager, inbox):
        started = alertmanager.post(posted)
        wait_until(lambda: arrivals(inbox.received()) == EXPECTED, DELIVERED_WITHIN)
        firing = by_mark(inbox.messages)
        inbox.clear()
        alertmanager.post(posted, resolved=True)
        wait_until(lambda: arrivals(inbox.received(resolved=True)) == EXPECTED, DELIVERED_WITHIN)
        failed = alertmanager.metric("alertmanager_notifications_failed_total")
        yield Delivered(alerts, started, firing, by_mark(inbox.messages), failed)


def arrivals(received: Mapping[str, list[str]]) -> int:
    return sum(len(addresses) for addresses in received.values())


def by_mark(messages: list[Message]) -> dict[str, list[Message]]:
    marks = {mark for message in messages for mark in message.marks}
    return {
        mark: sorted((each for each in messages if mark in each.marks), key=lambda each: each.address) for mark in marks
    }


def only(messages: Mapping[str, list[Message]], mark: str, address: str) -> Message:
    (found,) = (message for message in messages[mark] if message.address == address)
    return found


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("status", ["firing", "resolved"])
def test_a_message_is_complete_for_its_channel(name: str, status: str, delivered: Delivered) -> None:
    messages = getattr(delivered, status)[name]
    assert tuple(message.address for message in messages) == ADDRESSES[name]
    for message in messages:
        assert missing(message, delivered.alerts[name], delivered.started) == set(), message.address


def test_the_title_has_status_count_environment_alert_service_and_victim(delivered: Delivered) -> None:
    attachment = only(delivered.firing, "NodeCpuHigh", "#bais-alerts").parts["attachments"][0]
    assert attachment["title"] == "[FIRING 1] prod: NodeCpuHigh node worker-3"
    resolved = only(delivered.resolved, "NodeCpuHigh", "#bais-alerts").parts["attachments"][0]
    assert resolved["title"] == "[RESOLVED] prod: NodeCpuHigh node worker-3"


@pytest.mark.parametrize(
    ("labels", "victim"),
    [
        ({"node": "worker-3", "instance": "10.0.0.1:9100"}, "worker-3"),
        ({"namespace": "bais", "persistentvolumeclaim": "data-0"}, "bais/data-0"),
        ({"namespace": "bais", "instance": "orders", "pod": "exporter-0"}, "orders"),
        ({"namespace": "bais", "pod": "api-0"}, "api-0"),
        ({"namespace": "bais"}, None),
    ],
)
def test_slack_pagerduty_and_mail_name_the_victim(labels: dict[str, str], victim: str | None, tmp_path: Path) -> None:
    given = {"alertname": "Any", "service": "any", "severity": "critical", "area": "api", "catalogue": "bais"}
    alert = with_mark("Any", {**given, **PROD.origin, **labels}, {"summary": "It is broken."})
    with delivering(PROD, tmp_path) as (alertmanager, inbox):
        alertmanager.post([alert])
        wait_until(lambda: len(inbox.messages) == 3, DELIVERED_WITHIN)
        messages = {message.address: message for message in inbox.messages}
    title = " ".join(filter(None, ["prod: Any any", victim]))
    assert messages["#bais-critical"].parts["attachments"][0]["title"] == f"[FIRING 1] {title}"
    assert messages["on-call@bais.example"].parts["subject"] == f"[FIRING 1] {title}"
    assert messages[PAGERDUTY].parts["payload"]["summary"].startswith(f"{title}: It is broken.")


def test_an_alert_without_any_annotation_is_described_by_its_name_and_labels(tmp_path: Path) -> None:
    labels = {"alertname": "WikiBroken", "severity": "critical", "namespace": "wiki", "reason": "disk"}
    with delivering(PROD, tmp_path) as (alertmanager, inbox):
        alertmanager.post([{"labels": {**labels, **PROD.origin}, "annotations": {}}])
        wait_until(lambda: bool(inbox.messages), DELIVERED_WITHIN)
        (message,) = inbox.messages
    text = message.parts["attachments"][0]["text"]
    assert "*WikiBroken*" in text
    assert "namespace=wiki" in text
    assert "reason=disk" in text


def test_the_silence_link_selects_only_what_the_alerts_of_the_group_have_in_common(tmp_path: Path) -> None:
    alerts = [PROD.alert("KubePodCrashLooping", {"pod": pod}, mark=pod) for pod in ("api_0", "api_1")]
    with delivering(PROD, tmp_path) as (alertmanager, inbox):
        alertmanager.post([*alerts, PROD.alert("NodeCpuHigh", {"node": "worker-3"})])
        wait_until(lambda: len(inbox.messages) == 2, DELIVERED_WITHIN)
        links = {
            name: unquote(next(each["url"] for each in actions if each["text"] == "Silence"))
            for message in inbox.messages
            for name in message.marks
            for actions in (message.parts["attachments"][0]["actions"],)
        }
    assert 'node="worker-3"' in links["NodeCpuHigh"]
    assert "api_0" not in links["api_0"]
    assert 'namespace="' in links["api_0"]
    assert 'container="' in links["api_0"]


def test_the_resolution_of_a_critical_alert_is_an_incident_report(delivered: Delivered) -> None:
    for name, address in (
        ("PaymentFailureRateHigh", "on-call@bais.example"),
        ("BruteForceSuspected", "security@bais.example"),
    ):
        report = only(delivered.resolved, name, address).parts
        assert report["subject"].endswith(": incident report")
        for kind in ("plain", "html"):
            assert "Incident report" in report[kind]
            assert re.search(r"from [\d-]+ [\d:]+ to [\d-]+ [\d:]+ UTC \([\d.]+m?s\)", report[kind])
        assert "incident" not in only(delivered.firing, name, address).parts["subject"]


def test_informational_alerts_and_error_budgets_are_separate_daily_summaries(delivered: Delivered) -> None:
    notes = only(delivered.firing, INFO, "management@bais.example")
    budgets = only(delivered.firing, "ApiErrorBudgetBurnsSlowly", "management@bais.example")
    assert notes.parts["subject"] == f"[FIRING 2] prod: {SUMMARY} of informational alerts"
    assert notes.marks == {INFO, "Trifle"}
    assert budgets.parts["subject"] == f"[FIRING 2] prod: {SUMMARY} of error budgets"
    assert budgets.marks == {"ApiErrorBudgetBurnsSlowly", "Hostile"}


def test_no_template_fails_for_hostile_labels(delivered: Delivered) -> None:
    assert delivered.failed == 0
    assert {message.address for message in delivered.firing["Hostile"]} == HOSTILE_AT


@pytest.mark.parametrize("mark", ["Hostile", "Bare"])
def test_slack_messages_contain_no_markup_commands(mark: str, delivered: Delivered) -> None:
    attachment = only(delivered.firing, mark, "#bais-critical").parts["attachments"][0]
    shown = [attachment[key] for key in ("title", "text", "fallback")]
    for text in (*shown, *(field["value"] for field in attachment["fields"])):
        assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", text)
    assert ("<!channel>" in html.unescape(attachment["text"])) == (mark == "Hostile")


def test_slack_messages_respect_the_length_limits(delivered: Delivered) -> None:
    attachment = only(delivered.firing, "Hostile", "#bais-critical").parts["attachments"][0]
    assert len(html.unescape(attachment["title"])) <= 201
    assert len(html.unescape(attachment["text"])) <= 3000
    assert all(len(html.unescape(field["value"])) <= 2000 for field in attachment["fields"])
    assert len(attachment["actions"]) <= 5
    assert len(next(each["url"] for each in attachment["actions"] if each["text"] == "Silence")) <= 3000


def test_a_page_respects_the_length_limits_of_pagerduty(delivered: Delivered) -> None:
    payload = only(delivered.firing, "Hostile", PAGERDUTY).parts["payload"]
    assert len(payload["summary"].encode()) <= 1024
    assert payload["summary"].startswith("prod: Hostile <script>alert(1)</script>")
    assert payload["source"] == "bais-prod"
    (alert,) = payload["custom_details"]["firing"]
    assert alert["labels"]["service"] == HOSTILE.replace("\x7f", " ")


def test_a_mail_contains_no_scripts_and_no_injected_headers(delivered: Delivered) -> None:
    for address in ("on-call@bais.example", "management@bais.example"):
        mail = only(delivered.firing, "Hostile", address).parts
        assert "<script" not in mail["html"]
        assert 'href="javascript:' not in mail["html"]
        assert "&lt;script&gt;" in mail["html"]
        assert "\n" not in mail["subject"]
        assert "Bcc:" in mail["plain"]
        assert not any(line.startswith("Bcc:") for line in mail["plain"].splitlines())


@pytest.mark.parametrize(("status", "end"), [("firing", "now"), ("resolved", r"\d+")])
def test_a_link_to_a_panel_shows_the_time_around_the_alert(delivered: Delivered, status: str, end: str) -> None:
    messages = delivered.firing if status == "firing" else delivered.resolved
    mail = only(messages, "PaymentFailureRateHigh", "on-call@bais.example").parts
    slack = only(messages, "PaymentFailureRateHigh", "#bais-critical").parts["attachments"][0]
    for text in (mail["plain"], html.unescape(mail["html"]), slack["title_link"]):
        found = re.search(rf'viewPanel=\d+[^\s"]*&from=(\d+)&to={end}(?=[\s"]|$)', text)
        assert found, text
        assert abs(int(found[1]) / 1000 - (delivered.started.timestamp() - 3600)) < 1


def test_a_link_of_another_team_is_not_extended(delivered: Delivered) -> None:
    assert "&from=" not in only(delivered.firing, "Hostile", "on-call@bais.example").parts["plain"]


def test_an_alert_without_texts_and_links_is_delivered_with_links_to_alertmanager(delivered: Delivered) -> None:
    attachment = only(delivered.firing, "Bare", "#bais-critical").parts["attachments"][0]
    assert attachment["title"] == "[FIRING 1] prod: Bare"
    links = {action["text"]: action["url"] for action in attachment["actions"]}
    assert (links["Runbook"], links["Dashboard"]) == (EXTERNAL_URL, EXTERNAL_URL)


def test_no_message_has_a_link_that_can_only_be_opened_inside_the_cluster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.delivery.alertmanager.EXTERNAL_URL", "http://alertmanager.monitoring.svc:9093")
    unlinked = stack("prod", linked=False)
    alert = unlinked.alert("PaymentFailureRateHigh")
    bare = with_mark("Bare", {"alertname": "Bare", "catalogue": "bais", **unlinked.origin}, {})
    with delivering(unlinked, tmp_path) as (alertmanager, inbox):
        alertmanager.post([alert, bare])
        expected_number = len(ADDRESSES["PaymentFailureRateHigh"]) + len(BARE_AT)
        wait_until(lambda: len(inbox.messages) == expected_number, DELIVERED_WITHIN)
        assert len(inbox.messages) == expected_number
        texts = {message.address: json.dumps(message.parts) for message in inbox.messages}
    assert {address for address, text in texts.items() if ".svc" in text or "Silence" in text} == set()


ESCAPED: Final = '"amp" "&amp;" "lt" "&lt;" "gt" "&gt;"'
# A field of a template, and the fact that is missing without it.
FIELDS: Final = (
    (
        "slack.tmpl",
        '{{ template "bais.heading" (dict "alert" . "most" 150 "amp" "&amp;" "lt" "&lt;" "gt" "&gt;") }}',
        "summary",
    ),
    (
        "slack.tmpl",
        '{{ template "bais.details" (dict "alert" . "most" 250 "amp" "&amp;" "lt" "&lt;" "gt" "&gt;") }}',
        "value",
    ),
    ("slack.tmpl", '{{ template "bais.time" . }}', "since"),
    ("email.tmpl", '\n  Runbook: {{ template "bais.plain" (dict "text" . "most" 1000) }}', "runbook (plain)"),
    ("email.tmpl", '<a href="{{ template "bais.silence" . }}">Silence</a>', "silence (html)"),
    ("pagerduty.tmpl", " .CommonAnnotations.summary", "summary"),
)


def test_a_template_without_one_of_its_fields_is_detected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = templates()
    for file, field, _ in FIELDS:
        assert broken[file].count(field) == 1, f"{field} must occur exactly once in {file}"
        broken[file] = broken[file].replace(field, "")
    monkeypatch.setattr("tools.delivery.alertmanager.templates", lambda: broken)
    alert = PROD.alert("PaymentFailureRateHigh")
    with delivering(PROD, tmp_path) as (alertmanager, inbox):
        started = alertmanager.post([alert])
        wait_until(lambda: len(inbox.messages) == len(ADDRESSES["PaymentFailureRateHigh"]), DELIVERED_WITHIN)
        found = {message.address: missing(message, alert, started) for message in inbox.messages}
    channels = {"slack.tmpl": "#bais-critical", "email.tmpl": "on-call@bais.example", "pagerduty.tmpl": PAGERDUTY}
    for file, address in channels.items():
        assert {fact for name, _, fact in FIELDS if name == file} <= found[address]
