"""Series that rules and boards read: selectors with their labels and readers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import promql_parser

from catalogue.model import Recording
from catalogue.promql import selectors
from dashboards.rendering.queries import interpolate
from tools.boards.rendered_boards import CATALOGUE, QUERIES

_SIGNS: Final = {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}


@dataclass(frozen=True)
class Read:
    """A selector with the labels that are read, and its readers."""

    metric: str
    selector: str
    labels: frozenset[str]
    readers: tuple[str, ...]
    job: str | None


def collect_reads() -> list[Read]:
    """Return the distinct selectors of all rules and boards."""
    found: dict[str, Read] = {}
    for reader, expression in _expressions():
        for selected, needed in selectors(promql_parser.parse(expression)):
            matchers = selected.matchers.matchers
            # A matcher for an empty value requires that the label does not exist.
            labels = needed | {one.name for one in matchers if (_sign(one), one.value) != ("=", "")}
            text = _text(selected)
            previous = found.get(text)
            # One exporter may have several names: `coredns|kube-dns`. The first is that of the chart's monitor.
            jobs = (one.value for one in matchers if one.name == "job" and _sign(one) in ("=", "=~"))
            job = next((job.partition("|")[0] for job in jobs), None)
            found[text] = Read(
                metric=str(selected.name),
                selector=text,
                labels=labels | (previous.labels if previous else frozenset()),
                readers=tuple(dict.fromkeys([*(previous.readers if previous else ()), reader])),
                job=job,
            )
    return sorted(found.values(), key=lambda read: read.selector)


def _expressions() -> Iterator[tuple[str, str]]:
    for area in CATALOGUE.areas:
        for group in area.groups:
            for rule in group.rules:
                yield rule.name, rule.expression
    for query in QUERIES:
        yield str(query), interpolate(query.expression)


def recorded_series() -> set[str]:
    """Return the names of the series that recording rules create."""
    rules = (rule for area in CATALOGUE.areas for group in area.groups for rule in group.rules)
    return {rule.name for rule in rules if isinstance(rule, Recording)}


def _text(selected: promql_parser.VectorSelector) -> str:
    """Return a selector as text without offset and range."""
    matchers = sorted(f'{one.name}{_sign(one)}"{one.value}"' for one in selected.matchers.matchers)
    return f"{selected.name}{{{', '.join(matchers)}}}" if matchers else str(selected.name)


def _sign(matcher: promql_parser.Matcher) -> str:
    return _SIGNS[str(matcher.op).removeprefix("MatchOp.")]
