"""How long each query of each board takes in a real Prometheus with many series."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from dashboards.rendering.queries import concrete
from synthetic.evaluation import query_range
from tools.bench.filled import filled
from tools.boards.rendered_boards import QUERIES

RANGE_SECONDS: Final = 3600
STEP_SECONDS: Final = 30
"""What Grafana asks for, where an hour is drawn some 120 points wide."""
ATTEMPTS: Final = 3


@dataclass(frozen=True)
class Timed:
    """A query, the seconds that it took at best of a few times, and how many series it returned."""

    query: str
    seconds: float
    series: int


def timed(count: int) -> list[Timed]:
    """Ask every query over an hour of so many series; the slowest first.

    The best time of a few counts: what else the machine does makes it longer, and nothing makes it shorter.
    """
    with filled(count, RANGE_SECONDS) as store:
        found = [_timed(str(query), concrete(query.expression), store.address, store.ends) for query in QUERIES]
    return sorted(found, key=lambda one: one.seconds, reverse=True)


def _timed(name: str, expression: str, address: str, ends: int) -> Timed:
    best, series = float("inf"), 0
    for _ in range(ATTEMPTS):
        began = time.monotonic()
        series = len(query_range(address, expression, ends - RANGE_SECONDS, ends, STEP_SECONDS))
        best = min(best, time.monotonic() - began)
    return Timed(name, best, series)
