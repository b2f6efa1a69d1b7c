"""What a Prometheus with the stored days answers to every query of every board."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dashboards.rendering.queries import concrete
from synthetic.evaluation import Matrix, query_range
from tools.boards.rendered_boards import QUERIES
from tools.stored_days import StoredDay

STEP_SECONDS: Final = 300
WARM_SECONDS: Final = 3600
"""How long after its first scrape a day is asked: every window of a board but those of days is full then."""
DAYS: Final = ("healthy", "incident")
_TROUBLE: Final = "shows only what is wrong, and nothing is"
_STEADY: Final = "shows only what fills, and nothing does"
EMPTY_IN_HEALTH: Final[Mapping[str, str]] = {
    "bais-infrastructure: Claims without a volume A": _TROUBLE,
    "bais-infrastructure: Conditions of nodes A": _TROUBLE,
    "bais-infrastructure: Days until a volume is full A": _STEADY,
    "bais-infrastructure: Days until full A": _STEADY,
    "bais-infrastructure: Failed jobs A": _TROUBLE,
    "bais-infrastructure: Replicas missing A": _TROUBLE,
    "bais-infrastructure: Replicas missing B": _TROUBLE,
    "bais-infrastructure: Replicas missing C": _TROUBLE,
    "bais-infrastructure: Restarts in the last hour, top 10 A": _TROUBLE,
    "bais-infrastructure: Targets that do not answer A": _TROUBLE,
    "bais-production: What fires A": _TROUBLE,
}
"""The queries that may return nothing on a healthy day, each with the reason; on the other day all return something."""


def answers(address: str, stored: StoredDay) -> dict[str, list[Matrix]]:
    """The series that each query has within a day, by the query's name."""
    begins = stored.begins + WARM_SECONDS
    return {
        str(query): query_range(address, concrete(query.expression), begins, stored.ends, STEP_SECONDS)
        for query in QUERIES
    }
