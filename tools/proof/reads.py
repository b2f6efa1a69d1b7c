"""What rules and boards read: each metric with its matchers, the labels that are asked of it, and by whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import promql_parser

from catalogue.model import Recording
from catalogue.promql import selectors
from dashboards.rendering.queries import concrete
from tools.boards.rendered_boards import CATALOGUE, QUERIES

_SIGNS: Final = {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}


@dataclass(frozen=True)
class Read:
    """A metric with matchers, as it is selected, and the labels by which it is grouped, joined and matched."""

    metric: str
    selector: str
    labels: frozenset[str]
    readers: tuple[str, ...]
    job: str | None


def collect_reads() -> list[Read]:
    """What all rules and boards read, each selector once."""
    found: dict[str, Read] = {}
    for reader, expression in _expressions():
        for selected, around in selectors(promql_parser.parse(expression)):
            matchers = selected.matchers.matchers
            # A label that is asked to be empty is asked not to be there.
            labels = around | {one.name for one in matchers if (_sign(one), one.value) != ("=", "")}
            text = _text(selected)
            before = found.get(text)
            job = next((one.value for one in matchers if one.name == "job" and _sign(one) == "="), None)
            found[text] = Read(
                metric=str(selected.name),
                selector=text,
                labels=labels | (before.labels if before else frozenset()),
                readers=tuple(dict.fromkeys([*(before.readers if before else ()), reader])),
                job=job,
            )
    return sorted(found.values(), key=lambda read: read.selector)


def _expressions() -> Iterator[tuple[str, str]]:
    for area in CATALOGUE.areas:
        for group in area.groups:
            for rule in group.rules:
                yield rule.name, rule.expression
    for query in QUERIES:
        yield str(query), concrete(query.expression)


def recorded_series() -> set[str]:
    """The names of the series that the catalogue itself records."""
    rules = (rule for area in CATALOGUE.areas for group in area.groups for rule in group.rules)
    return {rule.name for rule in rules if isinstance(rule, Recording)}


def _text(selected: promql_parser.VectorSelector) -> str:
    """The selector alone, without the moment that it asks for."""
    matchers = sorted(f'{one.name}{_sign(one)}"{one.value}"' for one in selected.matchers.matchers)
    return f"{selected.name}{{{', '.join(matchers)}}}" if matchers else str(selected.name)


def _sign(matcher: promql_parser.Matcher) -> str:
    return _SIGNS[str(matcher.op).removeprefix("MatchOp.")]
