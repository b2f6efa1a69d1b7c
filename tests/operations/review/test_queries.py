"""Queries of the reviews, and the reasons of those without a result."""

from __future__ import annotations

import pytest

from catalogue import metric_evidence
from catalogue.loader import load
from catalogue.metrics import BUILT_IN_METRICS
from catalogue.model import Recording
from catalogue.promql import is_promql
from operations.review import queries
from operations.review.period import Period
from operations.review.prometheus import Prometheus, QueryError, Series
from operations.review.queries import Scope
from operations.review.readings import UnknownError, read

PERIOD = Period("7d", 1_800_000_000)
SCOPE = Scope(period="7d", step=PERIOD.step, stack=("monitoring", "monitoring-node-exporter"), services=("bais",))
EXPRESSIONS = {name: queries.expression(query, SCOPE) for name, query in queries.load().items()}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_every_query_is_valid_and_reads_metrics_that_exist(name: str) -> None:
    recorded = {
        rule.name
        for area in load().areas
        for group in area.groups
        for rule in group.rules
        if isinstance(rule, Recording)
    }
    assert is_promql(EXPRESSIONS[name])
    metrics = {selector.partition("{")[0] for selector in queries.selected(EXPRESSIONS[name])}
    # The number of series per metric is counted over all of them.
    assert metrics - {""} <= {*metric_evidence.load(), *BUILT_IN_METRICS, *recorded}


def test_queries_are_limited_to_the_namespaces_of_the_stack_and_its_services() -> None:
    assert 'namespace=~"monitoring|monitoring-node-exporter|bais"' in EXPRESSIONS["claims_available"]
    assert "[7d:1680s]" in EXPRESSIONS["rule_durations"]


class StandIn(Prometheus):
    """A stand-in of Prometheus: it refuses queries of series, and has data of nothing but targets."""

    def at(self, query: str, moment: int) -> list[Series]:
        if "__name__" in query:
            raise QueryError("query timed out in expression evaluation")
        return []

    def over(self, query: str, begin: int, end: int, step: int) -> list[Series]:
        return [Series({}, {begin: 1.0})] if query == "count(up)" else []


def test_a_query_without_a_result_is_unknown_with_the_reason() -> None:
    readings = read(StandIn(""), PERIOD, SCOPE)
    assert readings.series("scraped_targets")[0].values == {PERIOD.begin + 60: 1}
    with pytest.raises(UnknownError, match="has no data of prometheus_rule_group_interval_seconds"):
        readings.series("rule_intervals")
    with pytest.raises(UnknownError, match="refused a query: query timed out"):
        readings.series("series_by_metric")


def test_no_alert_is_known_to_be_none() -> None:
    assert read(StandIn(""), PERIOD, SCOPE).series("alerts") == []
