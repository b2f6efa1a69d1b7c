"""What a catalogue's rules would have recorded, and which alerts they would have fired, in a stretch of stored time.

Each expression is evaluated by a real Prometheus; only how long an alert is pending is worked out here, because
Prometheus itself evaluates alerts in the present alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import promql_parser

from catalogue.promql import selectors
from common.durations import parse_duration
from synthetic.days import Sample

STEP_SECONDS: Final = 60
_TIMEOUT_SECONDS: Final = 60

Rule = Mapping[str, Any]
"""As it stands in a rule file."""


@dataclass(frozen=True)
class Matrix:
    """One series of a range query: its labels, and its value at each moment at which it has one."""

    labels: Mapping[str, str]
    values: Mapping[int, float]


def query_range(address: str, expression: str, begins: int, ends: int, step: int) -> list[Matrix]:
    """Ask a Prometheus for an expression at each step from `begins` to `ends`, both in seconds since 1970."""
    parameters = urlencode({"query": expression, "start": begins, "end": ends, "step": step})
    request = Request(f"{address}/api/v1/query_range", parameters.encode())
    with urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:
        found = json.load(answer)["data"]["result"]
    return [Matrix(one["metric"], {int(moment): float(value) for moment, value in one["values"]}) for one in found]


def waves(rules: Sequence[Rule]) -> list[list[Rule]]:
    """The rules in waves: none reads what a later wave, or another rule of its own, records."""
    left = [rule for rule in rules if "record" in rule]
    ordered: list[list[Rule]] = []
    while left:
        later = {rule["record"] for rule in left}
        ready = [rule for rule in left if not _reads(rule) & later - {rule["record"]}]
        if not ready:
            raise ValueError(f"rules that read each other: {', '.join(sorted(later))}")
        # Rules that record under one name are told apart by their labels, and are ready together.
        names = {rule["record"] for rule in left if rule not in ready}
        wave = [rule for rule in ready if rule["record"] not in names]
        ordered.append(wave)
        left = [rule for rule in left if rule not in wave]
    return [*ordered, [rule for rule in rules if "alert" in rule]]


def evaluate(address: str, rule: Rule, begins: int, ends: int) -> Iterator[Sample]:
    """Give what a rule records, or the `ALERTS` and `ALERTS_FOR_STATE` that it writes, step by step."""
    for found in query_range(address, rule["expr"], begins, ends, STEP_SECONDS):
        own = {name: value for name, value in found.labels.items() if name != "__name__"} | rule.get("labels", {})
        if "record" in rule:
            for moment, value in found.values.items():
                yield Sample(rule["record"], own, moment, value)
        else:
            labels = {"alertname": rule["alert"], **own}
            for moment, since, state in pending_and_firing(found.values, parse_duration(rule.get("for", "0s"))):
                yield Sample("ALERTS", {**labels, "alertstate": state}, moment, 1)
                yield Sample("ALERTS_FOR_STATE", labels, moment, since)


def _reads(rule: Rule) -> set[str]:
    return {str(selected.name) for selected, _ in selectors(promql_parser.parse(rule["expr"]))}


def pending_and_firing(values: Mapping[int, float], pending: int) -> Iterator[tuple[int, int, str]]:
    """Tell since when an alert holds, and whether it is pending or fires, each time that its expression has a value.

    `pending` is its `for` in seconds.
    """
    since = before = None
    for moment in values:
        if since is None or before is None or moment - before > STEP_SECONDS:
            since = moment
        before = moment
        yield moment, since, "firing" if moment - since >= pending else "pending"
