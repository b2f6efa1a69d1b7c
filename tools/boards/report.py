"""Figures of the dashboards and a list of their problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from synthetic.evaluation import Matrix
from tools.boards.lint import Finding
from tools.boards.query_results import DAYS, EMPTY_ALWAYS, EMPTY_IN_HEALTH
from tools.boards.rendered_boards import BOARDS, QUERIES, metrics_of, panels

# Series by day and query.
Results = Mapping[str, Mapping[str, Sequence[Matrix]]]


@dataclass(frozen=True)
class DataCoverage:
    """Number of targets with data on a day, of the total; `excused` ones may have none."""

    with_data: int
    total: int
    excused: int

    def __str__(self) -> str:
        """Return the figures, with the number of excused targets if any."""
        return f"{self.with_data}/{self.total}" + (f" + {self.excused} excused" if self.excused else "")


@dataclass(frozen=True)
class BoardReport:
    """Figures of one board."""

    uid: str
    panels: int
    targets: int
    metrics: int
    findings: int
    coverage: Mapping[str, DataCoverage]


@dataclass(frozen=True)
class Report:
    """Figures of all boards; `problems` has one line per problem."""

    boards: tuple[BoardReport, ...]
    metrics: int
    problems: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """Return the report as a mapping for JSON."""
        return asdict(self)

    def coverage(self, day: str) -> DataCoverage:
        """Return the number of targets of all boards with data on a day."""
        each = [board.coverage[day] for board in self.boards]
        return DataCoverage(*(sum(getattr(one, name) for one in each) for name in ("with_data", "total", "excused")))


def report(found: Sequence[Finding], results: Results) -> Report:
    """Return the report of lint findings and of each day's results by query."""
    problems = [str(finding) for finding in found]
    problems += [
        f"{query}: no data on the day {day}"
        for day in DAYS
        for query in map(str, QUERIES)
        if _lacks(results, day, query)
    ]
    boards = tuple(_board(uid, found, results) for uid in BOARDS)
    return Report(
        boards, len({metric for query in QUERIES for metric in metrics_of(query.expression)}), tuple(problems)
    )


def _board(uid: str, found: Sequence[Finding], results: Results) -> BoardReport:
    queries = [query for query in QUERIES if query.board == uid]
    return BoardReport(
        uid=uid,
        panels=len(panels(BOARDS[uid])),
        targets=len(queries),
        metrics=len({metric for query in queries for metric in metrics_of(query.expression)}),
        findings=sum(finding.board == uid for finding in found),
        coverage={day: _coverage(results, day, [str(query) for query in queries]) for day in DAYS},
    )


def _coverage(results: Results, day: str, queries: Sequence[str]) -> DataCoverage:
    excused = [query for query in queries if _excused(day, query) and not results[day][query]]
    return DataCoverage(sum(bool(results[day][query]) for query in queries), len(queries), len(excused))


def _lacks(results: Results, day: str, query: str) -> bool:
    return not results[day][query] and not _excused(day, query)


def _excused(day: str, query: str) -> bool:
    return query in EMPTY_ALWAYS or (day == "healthy" and query in EMPTY_IN_HEALTH)
