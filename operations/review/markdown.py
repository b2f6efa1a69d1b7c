"""Reviews as Markdown; the charts are files of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from operations.review.formats import formatted, moment
from operations.review.model import Kind, Review, Section, Table
from operations.review.ranking import ORDER

# Characters that would be markup in text from labels and comments.
_MARKUP: Final = re.compile(r"([\\`*_{}\[\]<>#|~])")


def render(review: Review) -> str:
    """Return the review as Markdown."""
    return "\n".join(_lines(review)).rstrip() + "\n"


def _lines(review: Review) -> Iterator[str]:
    yield f"# Review of stack {_escaped(review.stack)}"
    yield ""
    yield f"The {review.period.words} to {moment(review.period.end)} UTC. {_escaped(review.data)}"
    yield ""
    yield f"## {review.headline.rstrip('.')}"
    yield ""
    if review.worst:
        yield from (f"{number}. **{each.area}**: {_escaped(each.text)}" for number, each in enumerate(review.worst, 1))
        yield ""
        yield ORDER
        yield ""
    if review.unknown:
        yield review.unknown
        yield ""
    for section in review.sections:
        yield from _section(section)


def _section(section: Section) -> Iterator[str]:
    yield f"## {section.title}"
    yield ""
    yield _escaped(section.conclusion)
    yield ""
    if section.unknown:
        yield from (f"- Unknown: {_escaped(reason)}" for reason in section.unknown)
        yield ""
    for chart in section.charts:
        yield f"![{chart.title}]({chart.name}.svg)"
        yield ""
    for table in section.tables:
        yield from _table(table)
        yield ""


def _table(table: Table) -> Iterator[str]:
    yield _row([column.title for column in table.columns])
    yield _row(["---" if column.kind is Kind.TEXT else "---:" for column in table.columns])
    for row in table.rows:
        yield _row([_escaped(formatted(value, column.kind)) for value, column in zip(row, table.columns, strict=True)])
    if table.more:
        yield ""
        yield f"{table.more} more rows are left out."


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
