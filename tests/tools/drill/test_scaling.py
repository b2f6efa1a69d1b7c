"""Scaling of rules and routes to a higher speed."""

from __future__ import annotations

import pytest

from tools.delivery.stacks import stack
from tools.drill.scaling import scale_expression, scale_group, scale_routes


@pytest.mark.parametrize(
    ("expression", "scaled"),
    [
        ("up == 0", "up == 0"),
        ("increase(a[5m]) > 3", "increase(a[10000ms]) > 3"),
        ("rate(a[5m]) > 3", "(rate(a[10000ms]) / 30) > 3"),
        ("sum(rate(a[1h30m]) + rate(b[1m]))", "sum((rate(a[180000ms]) / 30) + (rate(b[2000ms]) / 30))"),
        ('rate(a{b=") ("}[5m])', '(rate(a{b=") ("}[10000ms]) / 30)'),
        ("avg_over_time(a[1h:1m])", "avg_over_time(a[120000ms:2000ms])"),
        ("max_over_time(a[1h:])", "max_over_time(a[120000ms:])"),
        ("a offset 1w", "a offset 20160000ms"),
        ("predict_linear(a[6h], 4 * 3600) < 0", "predict_linear(a[720000ms], 4 * 3600 / 30) < 0"),
        ("a > 5  # tunable: rate(x", "a > 5  "),
        ("service:requests:rate5m > 1", "service:requests:rate5m > 1"),
    ],
)
def test_windows_are_divided_and_rates_are_preserved(expression: str, scaled: str) -> None:
    assert scale_expression(expression, 30) == scaled


def test_every_expression_of_the_catalogue_can_be_scaled() -> None:
    groups = [scale_group(group, 30) for group in stack("prod").groups]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) > 200
    assert [rule for rule in rules if "[5m]" in rule["expr"]] == []
    assert {rule["for"] for rule in rules if "for" in rule} >= {"2000ms", "10000ms"}


def test_the_interval_of_a_group_is_divided() -> None:
    group = {"name": "a", "interval": "60s", "rules": [{"alert": "A", "expr": "up == 0", "for": "5m"}]}
    assert scale_group(group, 30) == {
        "name": "a",
        "interval": "2000ms",
        "rules": [{"alert": "A", "expr": "up == 0", "for": "10000ms"}],
    }
    assert group["interval"] == "60s"


def test_the_times_of_a_route_are_divided_and_0_stays_0() -> None:
    routes = {"group_wait": "30s", "routes": [{"group_wait": "0s", "repeat_interval": "3h58m"}]}
    assert scale_routes({"route": routes}, 30) == {
        "route": {"group_wait": "1000ms", "routes": [{"group_wait": "0s", "repeat_interval": "476000ms"}]}
    }
