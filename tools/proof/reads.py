"""Series that rules and boards read: selectors with their labels and readers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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


# Patterns of selectors that match nothing on a platform of a minute, and why.
NOT_PROVABLE: Final[Mapping[str, str]] = {
    r"\w+:\w+:\w+_usual_(low|high)({.*})?": "recorded from previous weeks; what it reads of them is proven",
    r"stack:excluded_day:info{.*}": "recorded only on a day of a stack's calendar",
    r"stack:postgres_.*": "recorded only if the settings of a server exclude something",
    r"up{job=\"grafana\"}|probe_success{service=\"grafana\"}": "no process of the proof is Grafana",
    r"prometheus_rule_evaluation_failures_total{.*rule_group!~.*": "all rules of the proof are those of the catalogue",
}


def is_provable(selector: str) -> bool:
    """Return whether a running platform can have series for a selector."""
    return not any(re.fullmatch(pattern, selector) for pattern in NOT_PROVABLE)


def collect_reads() -> list[Read]:
    """Return the distinct selectors of all rules and boards that a running platform can have series for."""
    return [read for read in all_reads() if is_provable(read.selector)]


def all_reads() -> list[Read]:
    """Return the distinct selectors of all rules and boards, those included that the proof leaves out."""
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
