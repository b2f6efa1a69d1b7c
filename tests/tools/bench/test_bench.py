"""Benchmark of the rule evaluation with a real Prometheus."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner

import tools.bench.__main__ as command
from tools.bench import evaluation
from tools.bench.default_rules import default_rules
from tools.bench.evaluation import Measurement, measure
from tools.bench.filled import BenchError
from tools.bench.series import generate_series

COUNT: Final = 3000
EXPRESSION: Final = 'count({__name__=~".+", job!=""}) > 0'


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "INTERVAL_SECONDS", 1)


def rules(expression: str) -> dict[str, Any]:
    """Return a rule file with a cheap group and a group with this expression."""
    cheap = {"name": "cheap", "rules": [{"record": "one", "expr": "vector(1)"}]}
    return {"file": {"groups": [cheap, {"name": "measured", "rules": [{"record": "two", "expr": expression}]}]}}


def test_the_requested_number_of_distinct_series_is_generated() -> None:
    series = list(generate_series(COUNT, end=3600, seconds=120, step=30))
    assert len({tuple(sorted(one.labels.items())) for one in series}) == len(series) == COUNT
    assert {moment for one in series for moment, _ in one.samples} == {3480000 + 30000 * step for step in range(5)}


def test_the_evaluation_is_measured_on_the_written_series() -> None:
    measurement = measure("some", rules(EXPRESSION), COUNT)
    assert (measurement.groups, measurement.rules, measurement.series) == (2, 2, COUNT)
    assert measurement.slowest_group == "file: measured"
    assert 0 < measurement.slowest_seconds < measurement.seconds < 5


def test_a_rule_with_an_evaluation_error_is_reported() -> None:
    with pytest.raises(BenchError, match="rules with evaluation errors: two"):
        measure("some", rules("up * on () up"), COUNT)


def test_invalid_rules_are_reported() -> None:
    with pytest.raises(BenchError, match="Prometheus rejects the rules"):
        measure("some", rules("sum("), COUNT)


def test_a_folder_without_the_chart_is_reported(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="does not contain the chart kube-prometheus-stack"):
        default_rules(tmp_path)


def test_the_result_is_printed_as_table_and_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = Measurement("x", 2, 3, 100, 0.5, "file: slow", 0.25, 1_000_000)
    monkeypatch.setattr(command, "measure", lambda name, rules, count: measured)
    shown = CliRunner().invoke(command.main, ["--series", "100"])
    assert "500 ms" in shown.output
    assert "file: slow" in shown.output
    printed = CliRunner().invoke(command.main, ["--json"])
    assert json.loads(printed.stdout)[0]["slowest_seconds"] == 0.25
