"""Results of every dashboard query in a Prometheus with the stored days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dashboards.rendering.queries import interpolate
from synthetic.evaluation import Matrix, query_range
from tools.boards.rendered_boards import QUERIES
from tools.stored_days import StoredDay

STEP_SECONDS: Final = 300
# Queries start this long after a day's first scrape, when every window shorter than a day is full.
WARM_SECONDS: Final = 3600
DAYS: Final = ("healthy", "incident")
# Queries that may return nothing on a healthy day, each with the reason; all return data on the incident day.
EMPTY_IN_HEALTH: Final[Mapping[str, str]] = {
    "bais-production: Firing alerts, critical first B": "the start of firing alerts, of which there are none",
}

_NOT_SYNTHETIC: Final = "the synthetic platform does not have these series yet"
# Queries that return nothing on any day, each with the reason. Their metrics are proven by `make proof`.
EMPTY_ALWAYS: Final[Mapping[str, str]] = {
    "bais-monitoring: Discovery failures A": _NOT_SYNTHETIC,
    "bais-monitoring: Discovery failures B": _NOT_SYNTHETIC,
    "bais-monitoring: Remote write delay A": _NOT_SYNTHETIC,
    "bais-monitoring: Samples lost A": _NOT_SYNTHETIC,
    "bais-monitoring: Samples rejected A": _NOT_SYNTHETIC,
    "bais-monitoring: Samples rejected B": _NOT_SYNTHETIC,
    "bais-monitoring: Samples rejected C": _NOT_SYNTHETIC,
    "bais-monitoring: Storage failures C": _NOT_SYNTHETIC,
}


def query_results(address: str, stored: StoredDay) -> dict[str, list[Matrix]]:
    """Return the series of each query within a day, by the query's name."""
    begins = stored.begins + WARM_SECONDS
    return {
        str(query): query_range(address, interpolate(query.expression), begins, stored.ends, STEP_SECONDS)
        for query in QUERIES
    }
