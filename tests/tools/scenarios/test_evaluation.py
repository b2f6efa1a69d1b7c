"""Evaluation by promtool: which alerts fire when."""

from typing import Any

import pytest

from tools.scenarios.evaluation import EvaluationError, evaluate, relevant
from tools.scenarios.model import Scenario, Series

DOWN: dict[str, Any] = {
    "alert": "Down",
    "expr": "up == 0",
    "for": "2m",
    "labels": {"severity": "critical"},
    "annotations": {"summary": 'Job "{{ $labels.job }}" of {{ $externalLabels.cluster }} is down.'},
}


def group(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"name": "all", "rules": list(rules)}


def scenario(end: str = "10m", begin: str = "0s", **series: str) -> Scenario:
    given = tuple(Series(series=f'{name}{{job="a, {{b}}"}}', values=values) for name, values in series.items())
    return Scenario(story="s", wanted="w", family="f", begin=begin, end=end, series=given)


def test_an_alert_fires_after_its_duration_until_its_condition_ends() -> None:
    timeline = evaluate(scenario(up="1 0x5 1x5"), [group(DOWN)], {"cluster": "eu"})
    (start, (alert,)), (end, none) = timeline.changes
    assert (start, end) == (180, 420)
    assert list(none) == []
    assert alert.labels == {"alertname": "Down", "severity": "critical", "job": "a, {b}"}
    assert alert.annotations == {"summary": 'Job "a, {b}" of eu is down.'}


def test_before_its_begin_a_scenario_is_only_history() -> None:
    timeline = evaluate(scenario(begin="8m", up="0x10"), [group(DOWN)], {})
    assert [moment for moment, _ in timeline.changes] == [480]


def test_a_scenario_that_no_rule_can_reach_is_silent() -> None:
    assert evaluate(scenario(other="0x10"), [group(DOWN)], {}).changes == []


def test_invalid_series_are_an_error_with_the_message_of_promtool() -> None:
    with pytest.raises(EvaluationError, match="promtool failed"):
        evaluate(scenario(up="many"), [group(DOWN)], {})


def test_rules_are_left_out_only_if_none_of_their_series_can_exist() -> None:
    recorded = {"record": "job:up:sum", "expr": "sum by (job) (up)"}
    rules = [
        {"alert": "Reads", "expr": "job:up:sum > 1"},
        {"alert": "Either", "expr": "other or up > 1"},
        {"alert": "Absent", "expr": "absent(other)"},
        {"alert": "Other", "expr": "other > 1"},
        recorded,
    ]
    (left,) = relevant([group(*rules)], {"up"})
    assert [rule.get("alert", "recorded") for rule in left["rules"]] == ["Reads", "Either", "Absent", "recorded"]


def test_rules_with_a_longer_window_are_left_out_with_those_that_read_them() -> None:
    rules = [
        {"record": "job:up:avg30d", "expr": "avg_over_time(up[30d])"},
        {"alert": "Month", "expr": "job:up:avg30d < 1"},
        {"alert": "Hour", "expr": "avg_over_time(up[1h:5m]) < 1"},
    ]
    (left,) = relevant([group(*rules)], {"up"}, longest_window=3600)
    assert [rule["alert"] for rule in left["rules"]] == ["Hour"]
