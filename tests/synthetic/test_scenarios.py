"""Alerts of the scenarios, evaluated by promtool."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
import yaml

from catalogue import loader
from catalogue.platform import FROM_SETTINGS
from catalogue.rule_files import OTHER_FILES
from common.project import RULES
from local.tools.toolset import binary
from synthetic import scenarios, targets
from tests.synthetic.promtool_input import SCRAPE_SECONDS, simulate
from tools.delivery.stacks import stack

TARGETS: Final = targets.load()
SCENARIOS: Final = scenarios.load(TARGETS)
HEARTBEAT: Final = "Watchdog"
# The series that a stack records from its settings: the platform has every target that production names.
EXPECTED_TARGETS: Final = [
    f"{rule['record']}{{{','.join(f'{name}={json.dumps(value)}' for name, value in rule['labels'].items())}}}"
    for group in stack("prod").groups
    for rule in group["rules"]
    if rule.get("record", "").startswith(FROM_SETTINGS)
]
HOUR: Final = 3600
# Every other scrape, for half the time: no alert has a `for` that is not whole minutes.
EVALUATION_SECONDS: Final = 60


def assert_firing(
    folder: Path,
    scenario: scenarios.Scenario | None,
    expected: set[str],
    *,
    healthy: int,
    step: int = SCRAPE_SECONDS,
    of: Sequence[targets.Target] = TARGETS,
    areas: str = "*",
) -> None:
    """Evaluate the rules with promtool, and compare the alerts that fired at any time."""
    ends, series = simulate(of, scenario, healthy=healthy, step=step)
    series += [{"series": expected, "values": f"1x{ends // step}"} for expected in EXPECTED_TARGETS]
    fired = f'group by (alertname) (max_over_time(ALERTS{{alertstate="firing"}}[{ends}s]))'
    samples = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in sorted(expected)]
    check = {"expr": fired, "eval_time": f"{ends - EVALUATION_SECONDS}s", "exp_samples": samples}
    content = {
        "rule_files": [str(path) for path in sorted(RULES.glob(f"{areas}.yaml")) if path.name not in OTHER_FILES],
        "evaluation_interval": f"{EVALUATION_SECONDS}s",
        "tests": [{"interval": f"{step}s", "input_series": series, "promql_expr_test": [check]}],
    }
    (folder / "test.yaml").write_text(yaml.dump(content, Dumper=yaml.CSafeDumper))
    command = [str(binary("promtool")), "test", "rules", "test.yaml"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_in_a_healthy_hour_only_the_heartbeat_fires(tmp_path: Path) -> None:
    assert_firing(tmp_path, None, {HEARTBEAT}, healthy=HOUR)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_fires_exactly_its_expected_alerts(name: str, tmp_path: Path) -> None:
    assert_firing(tmp_path, SCENARIOS[name], {HEARTBEAT, *SCENARIOS[name].expects}, healthy=HOUR // 2)


def test_after_a_week_a_traffic_drop_is_compared_with_the_previous_week(tmp_path: Path) -> None:
    # Only one pod and one metric, to limit the samples of a week.
    whole = next(target for target in TARGETS if target.kind == "api")
    api = [replace(whole, series=tuple(one for one in whole.series if one.name == "http_requests_total"))]
    drop = SCENARIOS["traffic-drop"]
    assert drop.expects_after_a_week
    expected = {*drop.expects, *drop.expects_after_a_week}
    # The usual level is the lowest of two hours around the same time, and the first minutes have no rate yet.
    assert_firing(tmp_path, drop, expected, healthy=(7 * 24 + 2) * HOUR, step=60, of=api, areas="api")


def test_scenarios_expect_only_alerts_of_the_catalogue() -> None:
    known = set(loader.load().alerts)
    unknown = {name: {*each.expects, *each.expects_after_a_week} - known for name, each in SCENARIOS.items()}
    assert {name: alerts for name, alerts in unknown.items() if alerts} == {}
