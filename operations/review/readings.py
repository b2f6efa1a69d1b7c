"""Results of the queries of a review, or why there are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from operations.review import queries
from operations.review.period import Period
from operations.review.prometheus import Prometheus, QueryError, Series
from operations.review.queries import Query, Scope

_MINUTE: Final = 60


class UnknownError(Exception):
    """Something cannot be read; the message is the reason."""


@dataclass(frozen=True)
class Readings:
    """Series by the name of the query.

    Attributes:
        found: Series of the period.
        before: Series of the period before.
        reasons: Why the other queries have none.
    """

    found: Mapping[str, Sequence[Series]]
    before: Mapping[str, Sequence[Series]] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    def series(self, name: str) -> Sequence[Series]:
        """Return the series of a query.

        Raises:
            UnknownError: there are none.
        """
        if name not in self.found:
            raise UnknownError(self.reasons.get(name, f"query {name} was not run"))
        return self.found[name]


def read(prometheus: Prometheus, period: Period, scope: Scope) -> Readings:
    """Run every query.

    Raises:
        UnreachableError: Prometheus does not respond.
    """
    found: dict[str, Sequence[Series]] = {}
    before: dict[str, Sequence[Series]] = {}
    reasons: dict[str, str] = {}
    for name, query in queries.load().items():
        text = queries.expression(query, scope)
        try:
            series = _run(prometheus, query, text, period)
            if query.compared:
                before[name] = prometheus.at(text, period.begin)
        except QueryError as error:
            reasons[name] = f"Prometheus refused a query: {error}"
            continue
        if series or query.none_is_known:
            found[name] = series
        else:
            reasons[name] = f"Prometheus has no data of {' or '.join(queries.selected(text))}"
    return Readings(found, before, reasons)


def _run(prometheus: Prometheus, query: Query, text: str, period: Period) -> list[Series]:
    if query.over == "end":
        return prometheus.at(text, period.end)
    step = _MINUTE if query.over == "minutes" else period.step
    # The begin itself belongs to the period before.
    return prometheus.over(text, period.begin + step, period.end, step)
