"""Every alert that a scenario promises fires in promtool, and no other does; in health only the heartbeat."""

import subprocess
from pathlib import Path
from typing import Final

import pytest
import yaml

from local.tools import binary
from rules import catalogue
from rules._reading import OTHER_FILES
from synthetic import scenarios, targets
from tests.synthetic.played import SCRAPE_SECONDS, stored

RULES: Final = Path(catalogue.__file__).parent
TARGETS: Final = targets.load()
SCENARIOS: Final = scenarios.load(TARGETS)
HEARTBEAT: Final = "Watchdog"


def prove(folder: Path, scenario: scenarios.Scenario | None, expected: set[str]) -> None:
    """Have promtool evaluate every rule on what would be stored; it compares what fired at any time."""
    ends, series = stored(TARGETS, scenario)
    fired = f'group by (alertname) (max_over_time(ALERTS{{alertstate="firing"}}[{ends}s]))'
    samples = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in sorted(expected)]
    content = {
        "rule_files": [str(path) for path in sorted(RULES.glob("*.yaml")) if path.name not in OTHER_FILES],
        "evaluation_interval": f"{SCRAPE_SECONDS}s",
        "tests": [
            {
                "interval": f"{SCRAPE_SECONDS}s",
                "input_series": series,
                "promql_expr_test": [
                    {"expr": fired, "eval_time": f"{ends - SCRAPE_SECONDS}s", "exp_samples": samples},
                ],
            }
        ],
    }
    (folder / "test.yaml").write_text(yaml.dump(content, Dumper=yaml.CSafeDumper))
    command = [str(binary("promtool")), "test", "rules", "test.yaml"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_in_a_healthy_hour_nothing_fires_but_the_heartbeat(tmp_path: Path) -> None:
    prove(tmp_path, None, {HEARTBEAT})


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_fires_exactly_what_it_promises(name: str, tmp_path: Path) -> None:
    prove(tmp_path, SCENARIOS[name], {HEARTBEAT, *SCENARIOS[name].expects})


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_promises_alerts_of_the_catalogue(name: str) -> None:
    scenario = SCENARIOS[name]
    assert {*scenario.expects, *scenario.expects_after_a_week} <= set(catalogue.load().alerts)
