"""A selector is asked for the labels that the expression around it needs of its own series, and for no others."""

import promql_parser
import pytest

from catalogue.promql import selectors


@pytest.mark.parametrize(
    ("expression", "asked"),
    [
        ("sum by (a) (rate(x[5m]))", {"x": {"a"}}),
        ("sum by (a) (x / on (b) y)", {"x": {"a", "b"}, "y": {"a", "b"}}),
        ("sum by (a) (x / ignoring (b) y)", {"x": {"a"}, "y": {"a"}}),
        ("sum by (a) (x and on (b) y)", {"x": {"a", "b"}, "y": {"b"}}),
        ("sum by (a) (x unless on (b) max by (b, c) (y))", {"x": {"a", "b"}, "y": {"b", "c"}}),
        ("sum by (a) (x or y)", {"x": {"a"}, "y": {"a"}}),
        ('max by (a, made) (label_replace(x, "made", "$1", "b", "(.+)"))', {"x": {"a"}}),
        ("-sum by (a) (max_over_time(x[1d:5m]))", {"x": {"a"}}),
    ],
)
def test_a_selector_is_asked_for_labels(expression: str, asked: dict[str, set[str]]) -> None:
    assert {selected.name: set(labels) for selected, labels in selectors(promql_parser.parse(expression))} == asked
