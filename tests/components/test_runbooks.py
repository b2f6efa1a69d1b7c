"""Runbooks inside the cluster, with the values of their stack."""

import json
from collections.abc import Mapping
from typing import Any, Final

import pytest

from catalogue import loader, runbooks
from catalogue.model import AREAS
from catalogue.panel_links import panel_id
from common.grafana import DASHBOARD_LABEL
from common.project import PROJECT
from dashboards.stack import BOARDS
from preflight.plan import prepare_stack
from settings.loader import SettingsError
from tests.components.production import production, run_production, unchanged_production
from tools.mocked_program import Run

CONFIG_MAP: Final = "kubernetes:core/v1:ConfigMap"
RULE: Final = "kubernetes:monitoring.coreos.com/v1:PrometheusRule"
# An object in etcd may have 1.5 MiB, but the annotation of `kubectl apply` only 256 KiB.
MAX_BYTES: Final = 256 * 1024
TUNABLE: Final = "api_error_ratio"
NUMBER: Final = 0.0234


def runbooks_of(done: Run) -> dict[str, Mapping[str, Any]]:
    """Return the ConfigMap of each area by name."""
    return {each.name: each.inputs for each in done.of_type(CONFIG_MAP) if each.parent == "runbooks"}


def changed_by(**settings: object) -> dict[str, tuple[Any, Any]]:
    """Return every resource that these settings change, before and after, by name."""
    before, after = (
        {each.qualified: each for each in done.resources}
        for done in (unchanged_production(), run_production(**settings))
    )
    assert before.keys() == after.keys()
    changed = (name for name in before if before[name].inputs != after[name].inputs)
    return {name.rpartition("::")[2]: (before[name].inputs, after[name].inputs) for name in changed}


@pytest.fixture(autouse=True)
def _cluster(cluster_answers: None) -> None:
    """Let no test connect to a cluster."""


def test_there_is_one_config_map_per_area_with_one_file_per_alert() -> None:
    found = runbooks_of(unchanged_production())
    alerts = loader.load().alerts.values()
    assert set(found) == {f"runbooks-{area}" for area in AREAS}
    for name, inputs in found.items():
        area = name.removeprefix("runbooks-")
        assert set(inputs["data"]) == {f"{alert.name}.md" for alert in alerts if alert.area == area}
        assert (inputs["metadata"]["name"], inputs["metadata"]["namespace"]) == (name, "monitoring")


def test_runbooks_do_not_have_the_label_of_dashboards() -> None:
    for inputs in runbooks_of(unchanged_production()).values():
        assert not DASHBOARD_LABEL.keys() & inputs["metadata"].get("labels", {}).keys()


def test_each_config_map_is_small() -> None:
    for inputs in runbooks_of(unchanged_production()).values():
        assert sum(len(text.encode()) for text in inputs["data"].values()) < MAX_BYTES


def test_a_changed_tunable_changes_only_its_alerts_panels_and_runbooks() -> None:
    changed = changed_by(alerts={"tunables": {TUNABLE: NUMBER}})
    boards = {
        f"dashboard-{board.uid}"
        for board in BOARDS
        if any(TUNABLE in dict(panel.limits.items()).values() for panel in board.panels.values() if panel.limits)
    }
    assert len(boards) > 1
    assert changed.keys() == {"api", "runbooks-api", *boards}

    rules = [rule for group in changed["api"][1]["spec"]["groups"] for rule in group["rules"]]
    (rule,) = (rule for rule in rules if rule.get("alert") == "ApiErrorRateHigh")
    assert f"> {NUMBER}  # tunable: {TUNABLE}" in rule["expr"]

    (text,) = changed["dashboard-bais-api"][1]["data"].values()
    (panel,) = (panel for panel in json.loads(text)["panels"] if panel["id"] == panel_id("error-rate"))
    assert NUMBER in [step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]]

    before, after = (each["data"] for each in changed["runbooks-api"])
    readers = {f"{name}.md" for name, alert in loader.load().alerts.items() if TUNABLE in alert.tunables}
    assert {name for name in before if before[name] != after[name]} == readers
    for name in readers:
        assert f"| `{TUNABLE}` | {NUMBER} | 0.01 | " in after[name]
        assert f"> {NUMBER}  # tunable: {TUNABLE}" in after[name]


def test_a_runbook_marks_default_values() -> None:
    text = runbooks_of(unchanged_production())["runbooks-api"]["data"]["ApiErrorRateHigh.md"]
    assert "| tunable | here | default | range | unit |" in text
    assert f"| `{TUNABLE}` | 0.01 | the same | " in text


def test_a_changed_severity_and_duration_are_in_the_runbook() -> None:
    changed = changed_by(alerts={"overrides": {"ApiErrorRateHigh": {"severity": "warning", "for": "7m"}}})
    before, after = (each["data"]["ApiErrorRateHigh.md"] for each in changed["runbooks-api"])
    assert "Severity: critical. Fires after 5m." in before
    assert "Severity: warning. Fires after 7m." in after


def test_only_a_disabled_alert_has_no_runbook() -> None:
    changed = changed_by(alerts={"overrides": {"ApiErrorRateHigh": {"enabled": False}}})
    before, after = (each["data"] for each in changed["runbooks-api"])
    assert before.keys() - after.keys() == {"ApiErrorRateHigh.md"}
    assert {name: text for name, text in before.items() if name in after} == after


def test_an_alert_without_a_runbook_is_a_problem_before_anything_is_deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    (missing, *_) = runbooks.find_problems(loader.load(), PROJECT / "docs")
    monkeypatch.setattr(runbooks, "find_problems", lambda loaded: [missing])
    with pytest.raises(SettingsError) as raised:
        prepare_stack(production(), PROJECT)
    assert str(raised.value).endswith("runbooks/ApiErrorRateHigh.md  found no file; allowed: one runbook per alert")


def test_commands_name_the_namespace_of_the_stack() -> None:
    found = runbooks_of(run_production(namespace="observability"))
    texts = "\n".join(text for inputs in found.values() for text in inputs["data"].values())
    assert "kubectl -n observability " in texts
    assert "kubectl -n observability-node-exporter " in texts
    assert "-n monitoring" not in texts
