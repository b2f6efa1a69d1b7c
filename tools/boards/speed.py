"""Query times of every dashboard query in a real Prometheus with many series."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from dashboards.rendering.queries import interpolate
from synthetic.evaluation import query_range
from tools.bench.filled import filled
from tools.boards.rendered_boards import QUERIES

# Grafana's step for a range of an hour in a panel about 120 points wide.
RANGE_SECONDS: Final = 3600
STEP_SECONDS: Final = 30
ATTEMPTS: Final = 3
MAX_SECONDS: Final = 1.0


@dataclass(frozen=True)
class QueryTime:
    """A query, its best time of several attempts in seconds, and the number of series it returned."""

    query: str
    seconds: float
    series: int


def time_queries(count: int) -> list[QueryTime]:
    """Run every query over an hour of `count` series; return the times, slowest first.

    A query that took too long is tried again and its best attempt counts: other load only makes a query slower.
    """
    with filled(count, RANGE_SECONDS) as store:
        found = [_time_query(str(query), interpolate(query.expression), store.address, store.ends) for query in QUERIES]
    return sorted(found, key=lambda one: one.seconds, reverse=True)


def _time_query(name: str, expression: str, address: str, ends: int) -> QueryTime:
    best, series = float("inf"), 0
    for _ in range(ATTEMPTS):
        began = time.monotonic()
        series = len(query_range(address, expression, ends - RANGE_SECONDS, ends, STEP_SECONDS))
        best = min(best, time.monotonic() - began)
        if best <= MAX_SECONDS:
            break
    return QueryTime(name, best, series)
