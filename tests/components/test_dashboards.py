import json
from collections.abc import Mapping
from typing import Any, Final

import pytest

from catalogue.panel_links import panel_id
from common.grafana import DASHBOARD_LABEL, FOLDER_ANNOTATION
from common.project import PROJECT
from components.dashboards import FOLDER
from dashboards.stack import BOARDS
from preflight.plan import prepare_stack
from settings.loader import SettingsError
from tests.components.production import production, run_production, unchanged_production
from tools.boards.rendered_boards import all_panels
from tools.mocked_program import Run

CONFIG_MAP: Final = "kubernetes:core/v1:ConfigMap"
# An object in etcd may have 1.5 MiB, but the annotation of `kubectl apply` only 256 KiB.
MAX_BYTES: Final = 256 * 1024
SLUG: Final = "autoscalers"
UID: Final = "bais-infrastructure"


def boards(done: Run) -> dict[str, Mapping[str, Any]]:
    """Return the ConfigMap of each board by logical name."""
    return {each.name: each.inputs for each in done.of_type(CONFIG_MAP) if each.parent == "dashboards"}


def panels(config_map: Mapping[str, Any]) -> dict[int, Any]:
    (text,) = config_map["data"].values()
    return {panel["id"]: panel for panel in all_panels(json.loads(text))}


def changed_by(**settings: object) -> dict[str, tuple[Any, Any]]:
    """Return the ConfigMaps that these settings change, before and after."""
    before, after = boards(unchanged_production()), boards(run_production(**settings))
    return {
        name: (before.get(name), after.get(name))
        for name in before.keys() | after.keys()
        if before.get(name) != after.get(name)
    }


def panel_change(**fields: object) -> dict[str, object]:
    return {"boards": {UID: {"panels": {SLUG: fields}}}}


def problems(overrides: object) -> list[tuple[str, str, str]]:
    with pytest.raises(SettingsError) as raised:
        prepare_stack(production(dashboards={"boards": overrides}), PROJECT)
    return [(problem.key, problem.found, problem.allowed) for problem in raised.value.problems]


@pytest.fixture(autouse=True)
def _cluster(cluster_answers: None) -> None:
    """Let no test connect to a cluster."""


def test_each_board_is_a_config_map_that_the_sidecar_selects() -> None:
    found = boards(unchanged_production())
    assert set(found) == {f"dashboard-{board.uid}" for board in BOARDS}
    for name, inputs in found.items():
        metadata = inputs["metadata"]
        assert (metadata["name"], metadata["namespace"]) == (name, "monitoring")
        assert metadata["labels"] == DASHBOARD_LABEL
        assert metadata["annotations"] == {FOLDER_ANNOTATION: FOLDER}
        assert list(inputs["data"]) == [f"{name.removeprefix('dashboard-')}.json"]


def test_each_board_is_compact_and_small() -> None:
    for inputs in boards(unchanged_production()).values():
        (text,) = inputs["data"].values()
        assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
        assert len(text.encode()) < MAX_BYTES


def test_the_urls_of_the_boards_are_an_output() -> None:
    done = run_production(links={"runbooks": "https://git.example", "grafana": "https://grafana.example/"})
    assert done.outputs["dashboard_urls"] == {board.uid: f"https://grafana.example/d/{board.uid}" for board in BOARDS}


@pytest.mark.parametrize(
    "fields", [{"enabled": False}, {"expressions": {"A": "vector(1)"}}, {"limits": {"warning": 0.5}}], ids=str
)
def test_a_changed_panel_changes_only_the_config_map_of_its_board(fields: Mapping[str, object]) -> None:
    ((name, (before, after)),) = changed_by(dashboards=panel_change(**fields)).items()
    assert name == f"dashboard-{UID}"
    assert before["metadata"] == after["metadata"]


def test_a_changed_tunable_changes_the_panel_of_its_alert() -> None:
    ((name, (before, after)),) = changed_by(alerts={"tunables": {"target_down_ratio": 0.25}}).items()
    assert name == f"dashboard-{UID}"
    differing = [number for number in panels(before) if panels(before)[number] != panels(after)[number]]
    assert differing == [panel_id("targets-down")]
    steps = panels(after)[panel_id("targets-down")]["fieldConfig"]["defaults"]["thresholds"]["steps"]
    assert [step["value"] for step in steps] == [None, 0.25]


def test_a_disabled_alert_is_not_linked_from_its_panel() -> None:
    changed = changed_by(alerts={"overrides": {"TargetDown": {"enabled": False}}})
    # The table of firing alerts leads to runbooks and panels of alerts that exist.
    assert set(changed) == {f"dashboard-{UID}", "dashboard-bais-production"}
    before, after = changed[f"dashboard-{UID}"]
    number = panel_id("targets-down")
    assert "[TargetDown](" in panels(before)[number]["description"]
    assert "Alerts" not in panels(after)[number]["description"]


def test_disabling_a_panel_does_not_renumber_the_others() -> None:
    ((_, (before, after)),) = changed_by(dashboards=panel_change(enabled=False)).items()
    assert set(panels(before)) - set(panels(after)) == {panel_id(SLUG)}
    assert set(panels(after)) < set(panels(before))


def test_a_row_without_panels_is_left_out() -> None:
    (row,) = (row for board in BOARDS if board.uid == UID for row in board.rows if row.title == "Control plane")
    disabled = {panel.slug: {"enabled": False} for panel in row.panels}
    ((_, (before, after)),) = changed_by(dashboards={"boards": {UID: {"panels": disabled}}}).items()
    assert len(panels(before)) - len(panels(after)) == len(disabled) + 1


def test_a_board_can_be_disabled() -> None:
    done = run_production(dashboards={"boards": {UID: {"enabled": False}}})
    assert f"dashboard-{UID}" not in boards(done)
    assert UID not in done.outputs["dashboard_urls"]


def test_a_stack_can_override_queries_and_limits() -> None:
    own = panel_change(expressions={"A": "vector(7)"}, limits={"warning": 0.5})
    ((_, (_, after)),) = changed_by(dashboards=own).items()
    panel = panels(after)[panel_id(SLUG)]
    assert [target["expr"] for target in panel["targets"]] == ["vector(7)"]
    assert [step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]] == [None, 0.5]


def test_all_problems_of_all_boards_are_reported_together() -> None:
    found = problems(
        {
            "bais-infra": {},
            "bais-monitoring": False,
            UID: {
                "enable": True,
                "panels": {
                    "target-down": {},
                    "targets-by-job": {"expressions": {"A": "sum(", "B": "up"}, "limits": {"warning": 1}},
                    "targets-down": {"limits": {"warning": 0.2}, "enabled": "no"},
                    SLUG: {"limits": {"warning": "0.5", "warnings": 1}, "expressions": ["up"], "colour": "red"},
                },
            },
        }
    )
    place = f"monitoring:dashboards.boards.{UID}"
    uids = ", ".join(sorted(board.uid for board in BOARDS))
    by_key = {key: (what, allowed) for key, what, allowed in found}
    assert len(by_key) == len(found) == 13
    assert by_key["monitoring:dashboards.boards.bais-infra"] == (
        "an unknown name",
        f"{UID} (did you mean that?), or one of {uids}",
    )
    assert by_key["monitoring:dashboards.boards.bais-monitoring"] == ("False", "a mapping of enabled, panels")
    assert by_key[f"{place}.enable"][1] == "enabled (did you mean that?), or one of enabled, panels"
    assert by_key[f"{place}.panels.target-down"][1].startswith("targets-down (did you mean that?), or one of ")
    assert by_key[f"{place}.panels.targets-by-job.expressions.A"] == ("'sum('", "PromQL (unclosed left parenthesis)")
    assert by_key[f"{place}.panels.targets-by-job.expressions.B"] == ("an unknown name", "one of A")
    assert by_key[f"{place}.panels.targets-by-job.limits.warning"][1] == "none; this panel has no limits"
    assert by_key[f"{place}.panels.targets-down.limits.warning"] == (
        "0.2",
        "alerts.tunables.target_down_ratio, which the alert reads too",
    )
    assert by_key[f"{place}.panels.targets-down.enabled"] == ("'no'", "true, false")
    assert by_key[f"{place}.panels.{SLUG}.limits.warning"] == ("'0.5'", "a finite number")
    assert by_key[f"{place}.panels.{SLUG}.limits.warnings"][1] == "warning (did you mean that?), or one of warning"
    assert by_key[f"{place}.panels.{SLUG}.expressions"][1] == "a mapping of names and values"


def test_a_limit_of_an_alert_or_objective_cannot_be_overridden_on_a_panel() -> None:
    limits = {"promised": 0.9, "critical": 0.5}
    found = problems({"bais-production": {"panels": {"payment-success-now": {"limits": limits}}}})
    assert [(key.rpartition(".")[2], allowed) for key, _, allowed in found] == [
        ("promised", "the objective in rules/slos.yaml"),
        ("critical", "alerts.tunables.payment_failure_ratio, which the alert reads too"),
    ]


def test_a_changed_tunable_changes_a_panel_of_the_complementary_ratio() -> None:
    changed = changed_by(alerts={"tunables": {"payment_failure_ratio": 0.2}})
    before, after = (panels(each)[panel_id("payment-success-now")] for each in changed["dashboard-bais-production"])
    steps = [each["fieldConfig"]["defaults"]["thresholds"]["steps"][1]["value"] for each in (before, after)]
    assert steps[1] == 0.8
    assert steps[0] > 0.8


def test_boards_are_limited_to_the_environment_of_the_stack() -> None:
    for inputs in boards(unchanged_production()).values():
        (text,) = inputs["data"].values()
        variables = json.loads(text)["templating"]["list"]
        (environment,) = (variable for variable in variables if variable["name"] == "environment")
        assert environment["query"] == environment["current"]["value"] == "prod"


def test_no_panel_links_to_a_disabled_board() -> None:
    done = run_production(dashboards={"boards": {UID: {"enabled": False}}})
    for inputs in boards(done).values():
        (text,) = inputs["data"].values()
        assert f"/d/{UID}?" not in text


@pytest.mark.parametrize("overrides", [{7: {}}, {UID: {"panels": {7: {}}}}, {UID: {"panels": {SLUG: None}}}])
def test_an_invalid_board_override_is_reported_as_a_problem(overrides: object) -> None:
    assert problems(overrides)
