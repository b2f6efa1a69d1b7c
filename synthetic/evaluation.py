"""Evaluation of recording rules and alerts over a past period.

A real Prometheus evaluates each expression. Only the pending and firing states of alerts are computed here, because
Prometheus evaluates alerts only at the current time.
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

# A rule in the format of a rule file.
Rule = Mapping[str, Any]


@dataclass(frozen=True)
class Matrix:
    """A series of a range query: labels, and values by seconds since 1970."""

    labels: Mapping[str, str]
    values: Mapping[int, float]


def query_range(address: str, expression: str, begins: int, ends: int, step: int) -> list[Matrix]:
    """Run a range query from `begins` to `ends`, both in seconds since 1970."""
    parameters = urlencode({"query": expression, "start": begins, "end": ends, "step": step})
    request = Request(f"{address}/api/v1/query_range", parameters.encode())
    with urlopen(request, timeout=_TIMEOUT_SECONDS) as response:
        found = json.load(response)["data"]["result"]
    return [Matrix(one["metric"], {int(moment): float(value) for moment, value in one["values"]}) for one in found]


def waves(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Return the rules in waves: each wave reads only series of earlier waves.

    Alerts are in the last wave.

    Raises:
        ValueError: if recording rules depend on each other in a cycle.
    """
    remaining = [rule for rule in rules if "record" in rule]
    ordered: list[list[Rule]] = []
    while remaining:
        later = {rule["record"] for rule in remaining}
        ready = [rule for rule in remaining if not _reads(rule) & later - {rule["record"]}]
        if not ready:
            raise ValueError(f"recording rules with a cyclic dependency: {', '.join(sorted(later))}")
        # Rules that record the same name must be in the same wave.
        names = {rule["record"] for rule in remaining if rule not in ready}
        wave = [rule for rule in ready if rule["record"] not in names]
        ordered.append(wave)
        remaining = [rule for rule in remaining if rule not in wave]
    return [*ordered, [rule for rule in rules if "alert" in rule]]


def evaluate(address: str, rule: Rule, begins: int, ends: int) -> Iterator[Sample]:
    """Yield the samples of a recording rule, or the `ALERTS` series of an alert."""
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
    """Yield timestamp, start and state (pending or firing) of an alert.

    `pending` is the `for` of the alert in seconds.
    """
    since = before = None
    for moment in values:
        if since is None or before is None or moment - before > STEP_SECONDS:
            since = moment
        before = moment
        yield moment, since, "firing" if moment - since >= pending else "pending"
