"""The state of the boards as figures, and everything about them that is not whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from synthetic.evaluation import Matrix
from tools.boards.answers import DAYS, EMPTY_IN_HEALTH
from tools.boards.lint import Finding
from tools.boards.rendered_boards import BOARDS, QUERIES, metrics_of, panels


@dataclass(frozen=True)
class Answered:
    """How many of how many targets have data on a day; `excused` may have none."""

    whole: int
    total: int
    excused: int

    def __str__(self) -> str:
        """Return the figures, with the excused ones where there are any."""
        return f"{self.whole}/{self.total}" + (f" + {self.excused} excused" if self.excused else "")


@dataclass(frozen=True)
class Board:
    """One board's figures."""

    uid: str
    panels: int
    targets: int
    metrics: int
    findings: int
    answered: Mapping[str, Answered]


@dataclass(frozen=True)
class Report:
    """All boards' figures; `missing` has one line for each thing that is not whole."""

    boards: tuple[Board, ...]
    metrics: int
    missing: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self)

    def answered(self, day: str) -> Answered:
        """Return how many targets of all boards have data on a day."""
        each = [board.answered[day] for board in self.boards]
        return Answered(*(sum(getattr(one, name) for one in each) for name in ("whole", "total", "excused")))


def report(found: Sequence[Finding], answers: Mapping[str, Mapping[str, Sequence[Matrix]]]) -> Report:
    """Put together what the lint found, and what each day answered to each query."""
    missing = [str(finding) for finding in found]
    missing += [
        f"{query}: no data on the day {day}"
        for day in DAYS
        for query in map(str, QUERIES)
        if _lacks(answers, day, query)
    ]
    boards = tuple(_board(uid, found, answers) for uid in BOARDS)
    return Report(boards, len({metric for query in QUERIES for metric in metrics_of(query.expression)}), tuple(missing))


def _board(uid: str, found: Sequence[Finding], answers: Mapping[str, Mapping[str, Sequence[Matrix]]]) -> Board:
    queries = [query for query in QUERIES if query.board == uid]
    return Board(
        uid=uid,
        panels=len(panels(BOARDS[uid])),
        targets=len(queries),
        metrics=len({metric for query in queries for metric in metrics_of(query.expression)}),
        findings=sum(finding.board == uid for finding in found),
        answered={day: _answered(answers, day, [str(query) for query in queries]) for day in DAYS},
    )


def _answered(answers: Mapping[str, Mapping[str, Sequence[Matrix]]], day: str, queries: Sequence[str]) -> Answered:
    excused = [query for query in queries if _excused(day, query) and not answers[day][query]]
    return Answered(sum(bool(answers[day][query]) for query in queries), len(queries), len(excused))


def _lacks(answers: Mapping[str, Mapping[str, Sequence[Matrix]]], day: str, query: str) -> bool:
    return not answers[day][query] and not _excused(day, query)


def _excused(day: str, query: str) -> bool:
    return day == "healthy" and query in EMPTY_IN_HEALTH
