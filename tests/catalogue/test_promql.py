"""Labels that an expression needs of each of its selectors."""

import promql_parser
import pytest

from catalogue.promql import selectors


@pytest.mark.parametrize(
    ("expression", "needed"),
    [
        ("sum by (a) (rate(x[5m]))", {"x": {"a"}}),
        ("sum by (a) (x / on (b) y)", {"x": {"a", "b"}, "y": {"a", "b"}}),
        ("sum by (a) (x / ignoring (b) y)", {"x": {"a"}, "y": {"a"}}),
        ("sum by (a) (x and on (b) y)", {"x": {"a", "b"}, "y": {"b"}}),
        ("sum by (a) (x unless on (b) max by (b, c) (y))", {"x": {"a", "b"}, "y": {"b", "c"}}),
        ("sum by (a) (x or y)", {"x": {"a"}, "y": {"a"}}),
        ("sum by (a, c) (x * on (b) group_left (c) max by (b, c) (y))", {"x": {"a", "b"}, "y": {"b", "c"}}),
        ('max by (a, new) (label_replace(x, "new", "$1", "b", "(.+)"))', {"x": {"a"}}),
        ("-sum by (a) (max_over_time(x[1d:5m]))", {"x": {"a"}}),
    ],
)
def test_a_selector_has_the_labels_that_the_expression_needs(expression: str, needed: dict[str, set[str]]) -> None:
    assert {selected.name: set(labels) for selected, labels in selectors(promql_parser.parse(expression))} == needed
