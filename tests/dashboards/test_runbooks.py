"""Runbooks as boards of Grafana, and the links of alerts to them."""

import json
import re
from dataclasses import replace
from typing import Any, Final

import pytest

from common.project import PROJECT, RUNBOOKS
from preflight.plan import StackPlan, prepare_stack
from tools.mocked_program import configuration

# A Secret or ConfigMap may hold 1 MiB; the annotation with which kubectl applies one, a quarter of it.
LARGEST: Final = 250_000


@pytest.fixture
def plan(cluster_answers: None) -> StackPlan:
    base = configuration("prod", "upstream")
    links = {"runbooks": "grafana", "grafana": "https://grafana.example/"}
    return prepare_stack(replace(base, values={**base.values, "links": links}), PROJECT, {})


def alerts(plan: StackPlan) -> list[dict[str, Any]]:
    return [
        rule for area in plan.rules.values() for group in area["groups"] for rule in group["rules"] if "alert" in rule
    ]


def test_the_link_of_each_alert_opens_the_panel_with_its_runbook(plan: StackPlan) -> None:
    assert len(alerts(plan)) > 100
    for alert in alerts(plan):
        link = alert["annotations"]["runbook_url"]
        found = re.fullmatch(r"https://grafana\.example/d/([a-z-]+)\?viewPanel=(\d+)", link)
        assert found, link
        board = json.loads(plan.boards[found[1]])
        (panel,) = (each for each in board["panels"] if each["id"] == int(found[2]))
        assert (panel["type"], panel["title"]) == ("text", alert["alert"])
        assert "## Mitigation" in panel["options"]["content"]


def test_a_panel_has_the_thresholds_of_the_stack_and_no_mark_of_the_generator(plan: StackPlan) -> None:
    (panel,) = (
        each
        for each in json.loads(plan.boards["bais-runbooks-infrastructure"])["panels"]
        if each["title"] == "NodeDown"
    )
    content = panel["options"]["content"]
    assert content.startswith("Severity: critical. Fires after 2m.")
    assert "<!--" not in content
    assert content.endswith((RUNBOOKS / "NodeDown.md").read_text().rstrip()[-40:])


def test_boards_fit_into_their_config_maps(plan: StackPlan) -> None:
    assert [uid for uid, board in plan.boards.items() if "runbooks" in uid and len(board) > LARGEST] == []


def test_the_ids_in_a_board_are_unique(plan: StackPlan) -> None:
    for uid, board in plan.boards.items():
        ids = [panel["id"] for panel in json.loads(board)["panels"]]
        assert len(ids) == len(set(ids)), uid


def test_by_default_no_board_has_runbooks(cluster_answers: None) -> None:
    plan = prepare_stack(configuration("prod", "upstream"), PROJECT, {})
    assert [uid for uid in plan.boards if "runbooks" in uid] == []
