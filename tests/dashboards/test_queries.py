"""Every query is PromQL about something that exists, over a window that makes sense."""

import re
from collections.abc import Mapping
from typing import Any

import promql_parser
import pytest

from dashboards.queries import concrete, variables
from rules.durations import duration
from tests.dashboards.drawn import BOARDS, QUERIES, Query, choices, metrics_of, told_apart_by
from tests.dashboards.known import known

SCRAPE_INTERVAL_SECONDS = 30
VARIABLE_QUERY = re.compile(r"label_values\((?P<selector>.+), (?P<label>[a-z_]+)\)")

each_query = pytest.mark.parametrize("query", QUERIES, ids=str)
each_board = pytest.mark.parametrize("board", BOARDS.values(), ids=list(BOARDS))


@each_query
def test_a_query_parses(query: Query) -> None:
    promql_parser.parse(concrete(query.expression))


@each_query
def test_a_query_reads_metrics_that_something_exposes(query: Query) -> None:
    assert metrics_of(query.expression)
    assert metrics_of(query.expression) - known() == set()


@each_query
def test_a_rate_follows_the_resolution(query: Query) -> None:
    windows = re.findall(r"rate\([^\[\]]*\[([^\]]+)\]", query.expression)
    assert [window for window in windows if window != "$__rate_interval" and duration(window) < 600] == []


@each_query
def test_a_fixed_window_spans_at_least_four_scrapes(query: Query) -> None:
    windows = re.findall(r"\[([0-9a-z]+)\]", query.expression)
    assert [window for window in windows if duration(window) < 4 * SCRAPE_INTERVAL_SECONDS] == []


@each_query
def test_a_counter_is_read_by_its_increase(query: Query) -> None:
    counters = re.findall(r"(rate|increase|count by \([^)]*\) )?\(?\s*\b(\w+_total)\b", query.expression)
    assert [name for call, name in counters if not call] == []


@each_query
def test_a_series_is_named_by_labels_that_the_query_keeps(query: Query) -> None:
    kept = {label.strip() for by in re.findall(r"by \(([^)]*)\)", query.expression) for label in by.split(",")}
    if kept:
        assert told_apart_by(query) <= kept


@each_query
def test_a_query_depends_only_on_choices_that_its_board_offers(query: Query) -> None:
    offered = {variable["name"] for variable in BOARDS[query.board]["templating"]["list"]}
    assert variables(query.expression) <= offered


@each_board
def test_every_choice_decides_something(board: Mapping[str, Any]) -> None:
    """Two aside: `datasource` decides who is asked, and `environment` only tells whose board it is.

    What is recorded or added up has lost the label `environment`, and one Prometheus has the series of one environment.
    """
    used = {name for query in QUERIES if query.board == board["uid"] for name in variables(query.expression)}
    assert {variable["name"] for variable in board["templating"]["list"]} - used == {"datasource", "environment"}


@each_board
def test_a_choice_is_renewed_with_the_time_range_and_loses_no_series(board: Mapping[str, Any]) -> None:
    for variable in choices(board):
        assert VARIABLE_QUERY.fullmatch(variable["query"]), variable["name"]
        assert (variable["refresh"], variable["multi"], variable["includeAll"], variable["allValue"]) == (
            2,
            True,
            True,
            ".*",
        )


@each_board
def test_choices_and_marks_read_metrics_that_something_exposes(board: Mapping[str, Any]) -> None:
    offered = {variable["name"] for variable in board["templating"]["list"]}
    for text in asked_beside(board):
        assert metrics_of(text) - known() == set()
        assert variables(text) <= offered


def asked_beside(board: Mapping[str, Any]) -> list[str]:
    """What a board asks for beside its panels: the values of its choices, and its marks."""
    matches = (VARIABLE_QUERY.fullmatch(variable["query"]) for variable in choices(board))
    return [
        *(found["selector"] for found in matches if found),
        *(mark["expr"] for mark in board["annotations"]["list"]),
    ]


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("rate(a_total[$__rate_interval])", "rate(a_total[2m])"),
        ('increase(a_total{job=~"$job"}[$__range])', 'increase(a_total{job=~".*"}[1h])'),
        ('up{namespace=~"${namespace}"}', 'up{namespace=~".*"}'),
    ],
)
def test_a_query_becomes_one_that_prometheus_understands(query: str, asked: str) -> None:
    assert concrete(query) == asked
