"""`make team`: problems of a team's objects, and who is notified of its alerts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from click.testing import CliRunner, Result

from common.project import PROJECT
from operations import stacks
from operations.cli import main
from tools.tenant_objects import documented_objects

LABELS: Final = {"monitoring/stack": "bais"}
RULE: Final = {
    "apiVersion": "monitoring.coreos.com/v1",
    "kind": "PrometheusRule",
    "metadata": {"name": "search", "namespace": "search", "labels": LABELS},
    "spec": {
        "groups": [
            {
                "name": "search",
                "rules": [
                    {
                        "alert": "SearchErrorsHigh",
                        "expr": "rate(search_errors_total[5m]) > 1",
                        "labels": {"severity": "critical", "team": "search", "area": "api"},
                    },
                    {"record": "search:errors:rate5m", "expr": "rate(search_errors_total[5m])"},
                ],
            }
        ]
    },
}


def changed(item: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return a copy of an object with another value at a path; None removes it."""
    copy = json.loads(json.dumps(item))
    place: Any = copy
    *keys, last = (int(key) if key.isdigit() else key for key in path.split("."))
    for key in keys:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return dict(copy)


@pytest.fixture
def with_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack file of production in which the operator reads the namespace of the team."""
    content = yaml.safe_load((PROJECT / "Pulumi.prod.yaml").read_text(encoding="utf-8"))
    content["config"]["monitoring:operator"] = {"secretNamespaces": ["search"]}
    file = tmp_path / "Pulumi.prod.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    monkeypatch.setattr(stacks, "stack_file", lambda stack: file)


def check(folder: Path, *objects: dict[str, Any], options: tuple[str, ...] = ()) -> Result:
    file = folder / "objects.yaml"
    file.write_text(yaml.safe_dump_all(objects), encoding="utf-8")
    return CliRunner().invoke(main, ["team", "--stack", "prod", *options, str(file)])


@pytest.mark.usefixtures("with_secrets")
def test_the_objects_of_the_guide_are_valid_and_the_alert_reaches_both_channels(tmp_path: Path) -> None:
    result = check(tmp_path, RULE, *documented_objects())
    assert (result.exit_code, result.output.splitlines()) == (
        0,
        [
            "SearchErrorsHigh  critical  slack #search-alerts, slack #bais-alerts",
            f"{len(documented_objects()) + 1} objects, 1 alert: valid for stack prod",
        ],
    )


def test_a_route_that_the_operator_cannot_read_notifies_no_one(tmp_path: Path) -> None:
    result = check(tmp_path, RULE, *documented_objects(), options=("--json",))
    found = json.loads(result.output)
    assert result.exit_code == 1
    assert found["alerts"] == [
        {"alert": "SearchErrorsHigh", "severity": "critical", "notifies": ["slack #bais-alerts"]}
    ]
    (problem,) = found["problems"]
    assert "metadata.namespace: found search; allowed: monitoring; ask for operator.secretNamespaces" in problem


@pytest.mark.usefixtures("with_secrets")
@pytest.mark.parametrize(
    ("severity", "addresses"),
    [("warning", "slack #search-alerts, slack #bais-alerts"), ("info", "slack #bais-alerts")],
)
def test_the_matchers_of_the_teams_route_apply(tmp_path: Path, severity: str, addresses: str) -> None:
    rule = changed(RULE, "spec.groups.0.rules.0.labels.severity", severity)
    assert check(tmp_path, rule, *documented_objects()).output.splitlines()[0].endswith(f"  {addresses}")


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("kind", "Deployment", "kind: found Deployment; allowed: PrometheusRule, AlertmanagerConfig, ServiceMonitor"),
        ("metadata.namespace", None, "metadata.namespace: found nothing; allowed: a name"),
        ("metadata.labels", {}, "metadata.labels.monitoring/stack: found nothing; allowed: bais"),
        ("metadata.labels", {"monitoring/stack": "b"}, "metadata.labels.monitoring/stack: found b; allowed: bais"),
        ("spec.groups.0.rules.0.labels.severity", "page", "SearchErrorsHigh.labels.severity: found page; allowed: cr"),
        ("spec.groups.0.rules.0.labels.team", None, "SearchErrorsHigh.labels.team: found nothing; allowed: the team"),
        ("spec.groups.0.rules.1.labels", {"catalogue": "bais"}, "labels.catalogue: found bais; allowed: no such label"),
        ("spec.groups.0.rules.0.expr", "rate(a[5m]", "parse error: unclosed left parenthesis"),
        ("spec.groups.0.rules.0.for", "soon", "not a valid duration string"),
    ],
)
def test_a_rule_with_a_problem_is_refused_with_one_line(tmp_path: Path, path: str, value: object, problem: str) -> None:
    result = check(tmp_path, changed(RULE, path, value))
    *lines, verdict = [line for line in result.output.splitlines() if "objects.yaml" in line or "object, " in line]
    assert result.exit_code == 1
    assert [line for line in lines if problem in line] == lines
    assert verdict.endswith(": 1 problem")


def test_limits_above_those_of_the_stack_and_a_route_to_an_unknown_receiver_are_refused(tmp_path: Path) -> None:
    monitor, route = documented_objects()
    result = check(
        tmp_path,
        changed(monitor, "spec.sampleLimit", 300_000),
        changed(changed(route, "metadata.namespace", "monitoring"), "spec.route.receiver", "pager"),
    )
    assert "spec.sampleLimit: found 300000; allowed: at most 200000" in result.output
    assert "spec.route.receiver: found pager; allowed: one of slack" in result.output


@pytest.mark.parametrize("text", ["a: [", "- 1", "", "\udcff"])
def test_a_file_without_objects_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    result = CliRunner().invoke(main, ["team", "--stack", "prod", str(file)])
    assert result.exit_code == 1
    assert result.output.startswith("broken.yaml: found ")


def test_a_command_without_files_says_which_it_needs() -> None:
    result = CliRunner().invoke(main, ["team", "--stack", "prod"])
    assert result.exit_code == 1
    assert result.output.startswith("FILES: found nothing; allowed: YAML files, such as FILES='search/*.yaml'\n")
