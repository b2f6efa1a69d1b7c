"""SLOs: validation of the objectives, and the rules generated for them."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from catalogue import objectives, slos
from catalogue.loader import load
from catalogue.model import Alert, Recording
from catalogue.objectives import Objective
from common.durations import parse_duration
from common.problems import CatalogueError

OBJECTIVES: Final = {objective.name: objective for objective in objectives.load()}
GROUPS: Final = {group.name: group for area in load().areas for group in area.groups}

each_objective = pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=OBJECTIVES)

Change = Callable[..., Path]


def alerts_of(objective: Objective) -> list[Alert]:
    """Return the fast-burn and the slow-burn alert of an objective."""
    return [rule for rule in GROUPS[f"{objective.area}.slo-{objective.name}"].rules if isinstance(rule, Alert)]


def test_the_objectives_are_those_of_the_platform() -> None:
    stated = {name: objective.objective for name, objective in OBJECTIVES.items()}
    assert stated == {"errors": 0.999, "latency": 0.95, "availability": 0.999, "payments": 0.999, "webhooks": 0.99}
    assert 'le="0.2"' in OBJECTIVES["latency"].failures


def test_the_committed_rules_are_up_to_date() -> None:
    committed = {name: (slos.FOLDER / name).read_text(encoding="utf-8") for name in slos.rule_files(objectives.load())}
    assert committed == slos.rule_files(objectives.load()), "run: make generate"


def test_no_generated_rule_file_is_obsolete() -> None:
    assert {path.name for path in slos.FOLDER.glob("*_slos.yaml")} == set(slos.rule_files(objectives.load()))


@each_objective
def test_an_objective_has_a_critical_fast_burn_and_a_warning_slow_burn_alert(objective: Objective) -> None:
    found = [(alert.name, alert.severity) for alert in alerts_of(objective)]
    assert found == [(f"{objective.alert}BurnsFast", "critical"), (f"{objective.alert}BurnsSlowly", "warning")]


@each_objective
def test_factors_and_windows_are_those_of_the_sre_workbook(objective: Objective) -> None:
    pattern = r"ratio_rate(\w+){.*} > ([\d.]+) \* ([\d.]+)"
    found = [re.findall(pattern, alert.expression) for alert in alerts_of(objective)]
    budget = f"{1 - objective.objective:.6g}"
    assert found == [
        [("1h", "14.4", budget), ("5m", "14.4", budget), ("6h", "6", budget), ("30m", "6", budget)],
        [("1d", "3", budget), ("2h", "3", budget), ("3d", "1", budget), ("6h", "1", budget)],
    ]


def test_a_short_window_is_a_twelfth_of_its_long_one() -> None:
    burns = [burn for speed in slos.SPEEDS for burn in speed.burns]
    assert [parse_duration(burn.long) / parse_duration(burn.short) for burn in burns] == [12] * 4


@each_objective
def test_every_burn_rate_requires_a_minimum_number_of_failures(objective: Objective) -> None:
    for alert in alerts_of(objective):
        clauses = re.findall(r"increase\w+{.*} > (\d+)", alert.expression)
        assert clauses == [str(objective.minimum_failures)] * 2


@each_objective
def test_the_remaining_budget_is_recorded_for_dashboards(objective: Objective) -> None:
    rules = GROUPS[f"{objective.area}.slo-{objective.name}"].rules
    [budget] = [rule for rule in rules if rule.name == "service:slo_error_budget:remaining_ratio30d"]
    assert isinstance(budget, Recording)
    assert budget.labels == {"slo": objective.name}


@each_objective
def test_the_group_interval_is_the_one_that_sums_assume(objective: Objective) -> None:
    assert GROUPS[f"{objective.area}.slo-{objective.name}"].settings == {"interval": f"{slos.INTERVAL_SECONDS}s"}


@pytest.fixture
def change(tmp_path: Path) -> Change:
    """Return a function that writes the objectives with one field of `errors` changed."""

    def write(**fields: Any) -> Path:
        content = yaml.safe_load(objectives.SOURCE.read_text(encoding="utf-8"))
        content["errors"] |= fields
        path = tmp_path / "slos.yaml"
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"objective": 1}, "slos.yaml: errors.objective: found 1; allowed: a ratio from 0.5 to 0.99999"),
        ({"objective": 99.9}, "slos.yaml: errors.objective: found 99.9; allowed: a ratio from 0.5 to 0.99999"),
        ({"minimum_failures": 0}, "slos.yaml: errors.minimum_failures: found 0; allowed: an integer from 1 to 1000000"),
        ({"area": "apis"}, "slos.yaml: errors.area: found apis; allowed: api, payments,"),
        ({"events": "sum("}, "slos.yaml: errors.events: found sum(; allowed: a valid PromQL"),
        ({"action": " "}, "slos.yaml: errors.action: found ' '; allowed: a non-empty string"),
        ({"target": 1}, "allowed: exactly area, team, alert, objective"),
    ],
)
def test_an_invalid_objective_is_rejected(change: Change, fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(CatalogueError) as error:
        objectives.load(change(**fields))
    assert problem in str(error.value)


def test_all_problems_are_reported_at_once(change: Change) -> None:
    with pytest.raises(CatalogueError) as error:
        objectives.load(change(objective=2, minimum_failures=-1, action=""))
    assert len(error.value.problems) == 3


def test_a_file_without_objectives_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "slos.yaml"
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(CatalogueError, match="a mapping from objective names"):
        objectives.load(path)


def test_the_command_writes_files_or_only_checks_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(slos, "FOLDER", tmp_path)
    assert slos.main(["--check"]) == 1
    assert "rules/api_slos.yaml is out of date" in capsys.readouterr().out
    assert slos.main([]) == 0
    assert slos.main(["--check"]) == 0
