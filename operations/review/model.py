"""Data model of a review: its sections with their tables and charts, and what they found to improve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from operations.review.period import Period

# A value of a table; None if it is unknown.
Cell = str | int | float | None
# Rows of a table, so that it stays short.
MOST_ROWS: Final = 15


class Kind(Enum):
    """How a column formats its values, whose unit is in parentheses."""

    TEXT = "text"
    COUNT = "count"
    DURATION = "duration (seconds)"
    DAYS = "days"
    SHARE = "share (1 is 100 %)"
    BYTES = "bytes"
    CORES = "cores"
    TIME = "time (seconds since 1970)"


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    title: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Table:
    """A table; `more` is the number of further rows, which are left out."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    more: int = 0


@dataclass(frozen=True)
class Chart:
    """A chart as SVG; `name` is the stem of its file, and `title` what it shows."""

    name: str
    title: str
    svg: str


class Impact(Enum):
    """Kinds of findings in the order of their importance, in words."""

    BUDGET_EXHAUSTED = "exhausted error budgets"
    CRITICAL_ALERT = "critical alerts by the time they fired"
    NOTIFICATIONS_FAILED = "failed notifications"
    STORAGE_FULL_SOON = "storage that is full soon"
    BUDGET_EXHAUSTED_SOON = "error budgets that are exhausted soon"
    WARNING_IGNORED = "warnings that fired for more than a day"
    PAGED_AT_NIGHT = "pages at night"
    RULES_LATE = "late rules"
    RESOURCES_TOO_SMALL = "too small requests"
    NOISE = "noisy alerts"
    SILENCED_FOR_LONG = "long silences"


@dataclass(frozen=True)
class Finding:
    """Something to improve.

    Attributes:
        impact: Its kind.
        weight: Its size among the findings of its kind: the larger, the worse.
        area: The area of the catalogue, or the section, that it belongs to.
        text: One sentence.
    """

    impact: Impact
    weight: float
    area: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """A section of a review.

    Attributes:
        title: Its heading.
        conclusion: One or two sentences.
        tables: The figures behind the conclusion.
        charts: Its charts.
        findings: What it found to improve.
        unknown: Why the section, or a part of it, is unknown; one entry per reason.
        known: Whether anything of it is known.
    """

    title: str
    conclusion: str
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    findings: tuple[Finding, ...] = ()
    unknown: tuple[str, ...] = ()
    known: bool = True

    @property
    def name(self) -> str:
        """Return its name in links and in JSON."""
        return self.title.lower().replace(" ", "-")


@dataclass(frozen=True, kw_only=True)
class Worst:
    """One of the worst problems: an area with its findings, the worst first."""

    area: str
    findings: tuple[Finding, ...]

    @property
    def text(self) -> str:
        """Return the problem in plain words."""
        return " ".join(finding.text for finding in self.findings)


@dataclass(frozen=True, kw_only=True)
class Review:
    """A review.

    Attributes:
        stack: Name of the stack.
        period: The period.
        data: How much of the period has data, in one sentence.
        worst: At most three problems, the worst first.
        sections: Its sections.
    """

    stack: str
    period: Period
    data: str
    worst: tuple[Worst, ...]
    sections: tuple[Section, ...]

    @property
    def charts(self) -> tuple[Chart, ...]:
        """Return the charts of all sections."""
        return tuple(chart for section in self.sections for chart in section.charts)

    @property
    def headline(self) -> str:
        """Return what the review found, in one sentence."""
        if self.worst:
            return "The worst problem" if len(self.worst) == 1 else f"The {len(self.worst)} worst problems"
        unread = sum(not section.known for section in self.sections)
        # Little that is known is not a reason to call the stack good.
        if unread * 2 > len(self.sections):
            return f"Unknown: {unread} of {len(self.sections)} sections could not be read."
        return f"There is nothing to improve{', as far as it is known' if self.unknown else ''}."

    @property
    def unknown(self) -> str:
        """Return which sections are not or only partly known, in one sentence; empty if there are none."""
        titles = [section.title for section in self.sections if section.unknown]
        return f"Not or only partly known: {', '.join(titles)}." if titles else ""


def table(columns: Sequence[Column], rows: Sequence[tuple[Cell, ...]], most: int = MOST_ROWS) -> Table:
    """Return a table with the first rows."""
    return Table(tuple(columns), tuple(rows[:most]), max(0, len(rows) - most))
