"""The comment about a preview, from events made by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from operations.preview_summary.comment import MARKER, Pictures, comment
from operations.preview_summary.differences import Difference, differences
from operations.preview_summary.events import read_preview
from operations.preview_summary.summary import as_dict, summarise
from settings.credentials import CREDENTIALS
from tests.operations.preview_summary import events_by_hand as by_hand
from tests.operations.preview_summary.events_by_hand import CLAIM, CONFIG_MAP, RULES
from tools.canaries import canary, leaked_credentials

PAGED: Final = "`pagerduty pagerduty-routing-key`, `slack #bais-critical`"


def lines(*events: Mapping[str, Any], result: str = "succeeded", settings: list[Difference] | None = None) -> list[str]:
    """Return the lines of the comment about one preview, without its marker."""
    preview = read_preview(by_hand.text(events, result), "prod")
    first, *rest = comment([summarise(preview, settings)]).splitlines()
    assert first == MARKER
    return [line for line in rest if line]


def changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return the lines about a changed alert, without the heading."""
    return lines(by_hand.step("update", RULES, "api", by_hand.rules(old), by_hand.rules(new)))[1:]


def test_a_preview_without_changes_is_one_line() -> None:
    assert lines(by_hand.step("same", CONFIG_MAP, "x", {}, {})) == ["### prod: no changes"]


def test_a_changed_threshold_is_one_line_with_its_tunable_and_both_values() -> None:
    new = by_hand.alert(expression=by_hand.EXPRESSION.replace("0.01", "0.02"))
    assert changed(by_hand.alert(), new) == ["- alert changed: `ErrorsHigh` (warning): `error_ratio` 0.01 → 0.02"]


def test_a_number_without_a_tunable_is_shown_too() -> None:
    old, new = by_hand.alert(expression="rate(x[5m]) > 3"), by_hand.alert(expression="rate(x[10m]) > 3")
    assert changed(old, new) == ["- alert changed: `ErrorsHigh` (warning): 5m → 10m"]


def test_a_changed_duration_and_severity_are_shown_with_both_values() -> None:
    new = by_hand.alert(labels={"severity": "critical"}) | {"for": "10m"}
    assert changed(by_hand.alert(), new) == [
        "- alert changed: `ErrorsHigh` (critical): severity `warning` → `critical`, for `5m` → `10m`"
    ]


def test_a_changed_expression_is_folded() -> None:
    shown = changed(by_hand.alert(), by_hand.alert(expression="up == 0"))
    assert shown == [
        "- alert changed: `ErrorsHigh` (warning): expression changed",
        "<details><summary>expressions: 2</summary>",
        "- `ErrorsHigh` was `errors / requests[5m] > 0.01 # tunable: error_ratio`",
        "- `ErrorsHigh` now `up == 0`",
        "</details>",
    ]


def test_added_and_removed_alerts_say_who_is_notified() -> None:
    old = by_hand.rules(by_hand.alert("Gone", labels={"severity": "critical"}))
    shown = lines(
        by_hand.alertmanager(by_hand.configuration(), by_hand.configuration()),
        by_hand.step("update", RULES, "api", old, by_hand.rules(by_hand.alert("New"))),
    )
    assert shown[1:] == [
        "- alert added: `New` (warning, for 5m), notifies `slack #bais-alerts`",
        f"- alert removed: `Gone` (critical, for 5m), notifies {PAGED}",
    ]


def test_a_severity_that_pages_is_bold() -> None:
    shown = lines(
        by_hand.alertmanager(by_hand.configuration(), by_hand.configuration()),
        by_hand.step(
            "update", RULES, "api",
            by_hand.rules(by_hand.alert()), by_hand.rules(by_hand.alert(labels={"severity": "critical"})),
        ),
    )  # fmt: skip
    assert shown[1] == f"- **now pages**: `ErrorsHigh`: `slack #bais-alerts` → {PAGED}"


def test_alerts_that_lose_and_gain_an_address_are_told_apart() -> None:
    before, after = by_hand.configuration(), by_hand.configuration()
    after["receivers"][2] = {"name": "warning"}
    after["receivers"][1]["email_configs"] = [{"to": "a@bais.example"}]
    rules = by_hand.rules(by_hand.alert(), by_hand.alert("Pages", labels={"severity": "critical"}))
    shown = lines(by_hand.alertmanager(before, after), by_hand.step("same", RULES, "api", rules, rules))
    assert shown[1:3] == [
        "- **notifies no one**: `ErrorsHigh`: no longer `slack #bais-alerts`",
        "- notified differently: `Pages`: also `email a@bais.example`",
    ]


def test_a_changed_channel_names_the_alerts_that_are_notified_differently() -> None:
    rules = by_hand.rules(*(by_hand.alert(f"Alert{number}") for number in range(20)))
    shown = lines(
        by_hand.alertmanager(by_hand.configuration(), by_hand.configuration(channel="#other")),
        by_hand.step("same", RULES, "api", rules, rules),
    )
    assert shown[1].startswith("- notified differently: `Alert0`, ")
    assert shown[1].endswith(" and 12 more: `slack #bais-alerts` → `slack #other`")
    assert shown[2] == "- route `receivers.warning.slack_configs[0].channel`: `#bais-alerts` → `#other`"


def test_a_changed_route_is_shown_without_alerts_that_stay_the_same() -> None:
    rules = by_hand.rules(by_hand.alert())
    shown = lines(
        by_hand.alertmanager(by_hand.configuration(), by_hand.configuration(wait="1m")),
        by_hand.step("same", RULES, "api", rules, rules),
    )
    assert shown[1:] == ["- route `route.group_wait`: `30s` → `1m`"]


def test_deletions_and_replacements_are_bold_with_their_names() -> None:
    shown = lines(
        by_hand.step("delete", CONFIG_MAP, "notes", {}),
        by_hand.step("delete", CLAIM, "prometheus-0", {}),
        by_hand.step("delete", CLAIM, "prometheus-1", {}, retainOnDelete=True),
        by_hand.step("create-replacement", CLAIM, "grafana", {}, {}, keys=["spec.storageClassName"]),
        by_hand.step("replace", CLAIM, "grafana", {}, {}, keys=["spec.storageClassName"]),
        by_hand.step("delete-replaced", CLAIM, "grafana", {}),
    )
    assert shown == [
        "### prod: 4 changes, **data would be lost**",
        "- **replaced: PersistentVolumeClaim `grafana`** because of `spec.storageClassName`, its data is lost",
        "- **deleted: PersistentVolumeClaim `prometheus-0`**, its data is lost",
        "- **no longer managed, but kept: PersistentVolumeClaim `prometheus-1`**",
        "- **deleted: ConfigMap `notes`**",
    ]


def test_errors_and_violations_are_on_top_in_bold() -> None:
    shown = lines(
        by_hand.step("create", CONFIG_MAP, "x", None, {}),
        by_hand.error("<{%reset%}>no such\nchart<{%reset%}>", "urn:pulumi:prod::monitoring::kind::grafana-release"),
        by_hand.error("preview failed\n"),
        by_hand.violation("service-internal", "Only inside.\nService open: spec.type: found LoadBalancer"),
        result="failed",
    )
    assert shown == [
        "### prod: preview failed, the rest is incomplete",
        "- **error**: `grafana-release: no such · chart`",
        "- **refused by policy** `service-internal: Service open: spec.type: found LoadBalancer`",
        "- created: 1 ConfigMap",
    ]


def test_dashboards_show_the_titles_of_their_changed_panels_and_pictures(tmp_path: Path) -> None:
    (tmp_path / "bais-api-incident.png").touch()
    old = by_hand.board({"title": "Errors", "max": 1}, {"title": "Old"}, {"title": "Moved", "gridPos": {"x": 0}})
    new = by_hand.board({"title": "Errors", "max": 2}, {"title": "New"}, {"title": "Moved", "gridPos": {"x": 6}})
    preview = read_preview(by_hand.text([by_hand.step("update", CONFIG_MAP, "dashboard-bais-api", old, new)]), "prod")
    changes = "- dashboard changed: `BAIS API`, panels added `New`; changed `Errors`; removed `Old`"
    for url, address in (
        ("https://git.example/raw/", "https://git.example/raw/bais-api-incident.png"),
        ("https://git.example/artifacts/7", "https://git.example/artifacts/7"),
    ):
        shown = comment([summarise(preview)], Pictures(folder=tmp_path, url=url))
        assert f"{changes} (pictures: [bais-api-incident]({address}))" in shown


def test_other_objects_are_counted_by_kind_without_components() -> None:
    shown = lines(
        by_hand.step("update", CONFIG_MAP, "runbooks-api", {"data": {"A.md": "1"}}, {"data": {"A.md": "2"}}),
        by_hand.step("update", "kubernetes:helm.sh/v3:Release", "a", {}, {}),
        by_hand.step("update", "kubernetes:helm.sh/v3:Release", "b", {}, {}),
        by_hand.step("create", "kubernetes:core/v1:Service", "c", None, {}),
        by_hand.step("update", "monitoring:index:Grafana", "d", {}, {}),
        by_hand.step("update", "pulumi:providers:kubernetes", "e", {}, {}),
    )
    assert shown == ["### prod: 4 changes", "- runbooks changed: `A`", "- created: 1 Service", "- updated: 2 Release"]


def test_settings_are_shown_with_both_values_and_encrypted_ones_without() -> None:
    old = {"alerts": {"tunables": {"a": 1}}, "slackWebhookUrl": {"secure": "v1:abc"}}
    new = {"alerts": {"tunables": {"a": 2}}, "slackWebhookUrl": {"secure": "v1:def"}, "debug": True}
    shown = lines(settings=list(differences(old, new)))
    assert shown[1:] == [
        "- setting `alerts.tunables.a`: `1` → `2`",
        "- setting `slackWebhookUrl`: `[secret]` → `[secret]`",
        "- setting `debug`: unset → `true`",
    ]


@pytest.mark.parametrize("credential", CREDENTIALS, ids=lambda each: each.key)
def test_no_credential_is_in_the_comment_or_the_json(credential: Any) -> None:
    value = canary(credential)
    secret = {by_hand.SECRET_SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": value}
    before, after = by_hand.configuration(), by_hand.configuration()
    after["receivers"][2]["slack_configs"][0]["api_url"] = secret
    events = [
        by_hand.alertmanager(before, after),
        by_hand.step("update", "kubernetes:core/v1:Secret", "s", {"stringData": {}}, {"stringData": secret}),
    ]
    summary = summarise(read_preview(by_hand.text(events), "prod"))
    printed = comment([summary]) + json.dumps(as_dict(summary))
    assert "`receivers.warning.slack_configs[0].api_url`: unset → `[secret]`" in printed
    assert leaked_credentials([credential], printed) == set()


def test_markdown_and_mentions_of_a_value_have_no_effect() -> None:
    (shown,) = lines(settings=[Difference("a", "x", "`@everyone` <b>\n# y")])[1:]
    assert shown == "- setting `a`: `x` → `'@everyone' <b>\\n# y`"


def test_long_parts_are_folded_and_the_comment_fits_into_the_limit_of_github() -> None:
    many = [by_hand.alert(f"Alert{number:04}{'x' * 60}") for number in range(2000)]
    stacks = [
        summarise(read_preview(by_hand.text([by_hand.step("create", RULES, "a", None, by_hand.rules(*many)),
                                             *(by_hand.error(f"error {n} {'y' * 3000}") for n in range(300))]), name))
        for name in ("staging", "prod")
    ]  # fmt: skip
    shown = comment(stacks)
    assert len(shown) < 65_536
    assert shown.count("<details>") == shown.count("</details>") == 2
    assert "more, too long for a comment" in shown
    assert shown.count("### ") == 2
