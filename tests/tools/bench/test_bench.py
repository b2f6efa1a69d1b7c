"""The bench writes the series that it says, and measures what it is given in a real Prometheus."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import tools.bench.__main__ as command
from tools.bench import evaluation
from tools.bench.default_rules import default_rules
from tools.bench.evaluation import Measurement, measure
from tools.bench.filled import BenchError
from tools.bench.series import generate_series

COUNT = 3000
EXPRESSION = 'count({__name__=~".+", job!=""}) > 0'


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "INTERVAL_SECONDS", 1)


def rules(expression: str) -> dict[str, Any]:
    """A rule file with a cheap group, and one with this expression."""
    cheap = {"name": "cheap", "rules": [{"record": "one", "expr": "vector(1)"}]}
    return {"file": {"groups": [cheap, {"name": "asked", "rules": [{"record": "two", "expr": expression}]}]}}


def test_as_many_series_as_asked_for_are_made_and_each_is_another() -> None:
    series = list(generate_series(COUNT, end=3600, seconds=120, step=30))
    assert len({tuple(sorted(one.labels.items())) for one in series}) == len(series) == COUNT
    assert {moment for one in series for moment, _ in one.samples} == {3480000 + 30000 * step for step in range(5)}


def test_what_is_evaluated_is_timed_on_what_was_written() -> None:
    measured = measure("some", rules(EXPRESSION), COUNT)
    assert (measured.groups, measured.rules, measured.series) == (2, 2, COUNT)
    assert measured.slowest_group == "file: asked"
    assert 0 < measured.slowest_seconds < measured.seconds < 5


def test_a_rule_that_cannot_be_evaluated_is_named() -> None:
    with pytest.raises(BenchError, match="cannot be evaluated: two"):
        measure("some", rules("up * on () up"), COUNT)


def test_rules_that_prometheus_refuses_are_told() -> None:
    with pytest.raises(BenchError, match="Prometheus refuses the rules"):
        measure("some", rules("sum("), COUNT)


def test_a_folder_without_the_chart_is_told(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="there is no chart kube-prometheus-stack in it"):
        default_rules(tmp_path)


def test_what_is_measured_can_be_read_by_people_and_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = Measurement("x", 2, 3, 100, 0.5, "file: asked", 0.25, 1_000_000)
    monkeypatch.setattr(command, "measure", lambda name, rules, count: measured)
    shown = CliRunner().invoke(command.main, ["--series", "100"])
    assert "500 ms" in shown.output
    assert "file: asked" in shown.output
    printed = CliRunner().invoke(command.main, ["--json"])
    assert json.loads(printed.stdout)[0]["slowest_seconds"] == 0.25
