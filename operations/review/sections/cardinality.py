"""Section: number of series, and where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from operations.review.data import ReviewData
from operations.review.formats import count, share
from operations.review.model import Column, Kind, Section, Table, table
from operations.review.prometheus import Series
from operations.review.readings import UnknownError

TITLE: Final = "Cardinality"


def section(data: ReviewData) -> Section:
    """Return the series in memory, and the metrics and jobs with the most."""
    (series,) = data.readings.series("series")
    first, last = series.values[min(series.values)], series.last
    change = f"{(last - first) / first:+.0%}".replace("%", " %") if first else "unknown"
    tables, unknown, most = [], [], []
    for query, label, title in (("series_by_metric", "__name__", "metric"), ("samples_by_job", "job", "job")):
        try:
            found = data.readings.series(query)
        except UnknownError as error:
            unknown.append(f"by {title}: {error}")
            continue
        tables.append(_table(found, label, title))
        largest = max(found, key=lambda one: one.last)
        most.append(f"{title} {largest.labels.get(label, 'without a name')} ({share(largest.last / max(1, last))})")
    conclusion = f"{count(last)} series in memory, {change} over the period."
    if most:
        conclusion += f" Most are of {' and of '.join(most)}."
    return Section(title=TITLE, conclusion=conclusion, tables=tuple(tables), unknown=tuple(unknown))


def _table(found: Sequence[Series], label: str, title: str) -> Table:
    rows = sorted(((one.labels.get(label, ""), one.last) for one in found), key=lambda row: (-row[1], row[0]))
    return table((Column(title), Column("series", Kind.COUNT)), rows)
