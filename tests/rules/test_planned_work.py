"""Alerts on nodes, while someone works on the node: no one is notified."""

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from catalogue import rule_tests
from catalogue.loader import load
from tools.expected_alerts import expected_alerts

ALERTS: Final = load().alerts
RECORDED: Final = "node:planned_work:active"
EXCLUSION: Final = f"unless on (node) {RECORDED}"
# Reports the planned work itself, once it takes too long.
OF_THE_WORK: Final = {"KubeNodeCordonedLong"}
# The victim is the container, wherever it runs; the node only says which alert explains it.
OF_CONTAINERS: Final = {"KubeContainerOomKilled"}


def of_nodes() -> list[str]:
    """Return the alerts that name a node."""
    named = {name for name, fired in expected_alerts().items() if all("node" in each.labels for each in fired)}
    return sorted(named - OF_THE_WORK - OF_CONTAINERS)


def test_every_alert_of_a_node_has_the_same_exclusion() -> None:
    names = of_nodes()
    assert {name for name, alert in ALERTS.items() if alert.area == "infrastructure"} <= set(names)
    assert [name for name in names if not ALERTS[name].expression.rstrip().endswith(EXCLUSION)] == []


@pytest.mark.slow
@pytest.mark.parametrize("area", ["infrastructure", "kubernetes"])
def test_no_alert_of_a_node_fires_during_planned_work(area: str, promtool: str, tmp_path: Path) -> None:
    suite = rule_tests.load()[area]
    names = {name for name in of_nodes() if ALERTS[name].area == area}
    assert names
    # The rule that records the exclusion is left out: the cases say on which node someone works.
    excerpt = suite.excerpt(names)
    groups = [
        {**group, "rules": [rule for rule in group["rules"] if rule.get("record") != RECORDED]}
        for group in excerpt.groups
    ]
    cases = tuple(replace(case, content=content) for case in excerpt.cases if (content := during_work(case.content)))
    assert {case.subject for case in cases} == names
    files = replace(excerpt, groups=[group for group in groups if group["rules"]], cases=cases).write(tmp_path, area)
    result = subprocess.run([promtool, "test", "rules", *files], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def during_work(case: Any) -> Any:
    """Return a case that expects alerts, during planned work on their nodes; None if it expects none."""
    checks = [check for check in case.get("alert_rule_test", []) if check.get("exp_alerts")]
    nodes = sorted({alert["exp_labels"]["node"] for check in checks for alert in check["exp_alerts"]})
    if not nodes:
        return None
    # Samples of a whole week, for alerts that read so much.
    work = [{"series": f'{RECORDED}{{node="{node}"}}', "values": "1x11000"} for node in nodes]
    silent = [{"eval_time": check["eval_time"], "alertname": check["alertname"]} for check in checks]
    return {
        "name": case["name"],
        "input_series": [*case["input_series"], *work],
        "alert_rule_test": silent,
    }
