"""Alertmanager's configuration as the operator generates it, and its hash as a real Alertmanager returns it."""

from __future__ import annotations

import copy
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml

from settings.loader import build_settings, load_sections
from tools.delivery.alertmanager import alertmanager
from tools.mocked_program import STACKS, configuration
from verification.alertmanager import CONFIGURATION_FILE, configuration_deviations, is_reloaded, loaded_deviations
from verification.model import ClusterPlan
from verification.plan import cluster_plan


def plan(stack: str = "local") -> ClusterPlan:
    return cluster_plan(build_settings(load_sections(configuration(stack, "upstream"))), {})


def files(planned: ClusterPlan, **changes: Any) -> dict[str, str]:
    """Files that the operator generates from a plan, with changed sections and without empty lists."""
    generated = {key: value for key, value in {**planned.configuration, **changes}.items() if value != []}
    return {CONFIGURATION_FILE: yaml.safe_dump(generated), **planned.templates}


def texts(planned: ClusterPlan, found: dict[str, str]) -> list[str]:
    return [each.text.rpartition("(")[2].rstrip(")") for each in configuration_deviations(planned, found)]


@pytest.mark.parametrize("stack", STACKS)
def test_the_planned_configuration_has_no_deviations(stack: str) -> None:
    assert texts(plan(stack), files(plan(stack))) == []


def test_parts_of_other_teams_are_ignored() -> None:
    planned = plan()
    route = copy.deepcopy(planned.configuration["route"])
    route["routes"].insert(0, {"receiver": "search/x/slack", "matchers": ['namespace="search"'], "continue": True})
    found = files(
        planned,
        route=route,
        receivers=[*planned.configuration["receivers"], {"name": "search/x/slack"}],
        inhibit_rules=[
            *planned.configuration["inhibit_rules"],
            {"source_matchers": ['namespace="search"', 'a="b"'], "target_matchers": ['namespace="search"']},
        ],
        time_intervals=[*planned.configuration["time_intervals"], {"name": "search/x/nights"}],
    )
    assert texts(planned, found) == []


def test_each_different_section_and_template_is_named() -> None:
    planned = plan()
    route = {**planned.configuration["route"], "receiver": "elsewhere"}
    found = files(planned, route=route, inhibit_rules=[])
    assert texts(planned, found) == ["inhibit_rules, route"]
    assert texts(planned, files(planned) | {"slack.tmpl": ""}) == ["slack.tmpl"]
    assert texts(planned, files(planned, additional={"key": 1})) == ["additional"]
    assert texts(planned, {}) != []


def test_a_changed_template_changes_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    before = plan().configuration["templates"]
    monkeypatch.setattr("routing.templates.templates", lambda: {"slack.tmpl": "changed"})
    assert plan().configuration["templates"] != before


def test_a_real_alertmanager_returns_the_hash_of_its_configuration_file(tmp_path: Path) -> None:
    found = {"receivers": [{"name": "unrouted"}], "route": {"receiver": "unrouted"}}
    with alertmanager(tmp_path, found) as running:
        metrics = read(f"{running.address}/metrics")
        loaded = (tmp_path / "alertmanager.yaml").read_text()
        with pytest.raises(urllib.error.HTTPError):
            running.change(lambda changed: changed["route"].update(receiver="nowhere"))
        assert not is_reloaded(read(f"{running.address}/metrics"))
    assert is_reloaded(metrics)
    assert loaded_deviations("alertmanager-0", {CONFIGURATION_FILE: loaded}, metrics) == []
    (other,) = loaded_deviations("alertmanager-0", {CONFIGURATION_FILE: f"{loaded}\n"}, metrics)
    assert other.text == "pod alertmanager-0: Alertmanager has not loaded the planned configuration"


def read(address: str) -> str:
    with urllib.request.urlopen(address, timeout=5) as response:
        text: str = response.read().decode()
        return text
