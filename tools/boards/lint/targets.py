"""Lint rules for the queries of panels, variables and annotations."""

import re
from collections.abc import Iterator
from typing import Final

import promql_parser as promql

from common.durations import parse_duration
from tools.boards.lint.model import Subject
from tools.boards.lint.promql import RATE_INTERVAL_SECONDS, nodes, parse, result_labels, selectors
from tools.boards.lint.variables import VALUES_OF
from tools.boards.rendered_boards import metrics_of

_SCRAPE_INTERVAL_SECONDS: Final = 30
# A window from this length on is an alert's own; it works at every resolution.
_LONG_SECONDS: Final = parse_duration("10m")
_COUNTERS: Final = ("_total", "_bucket")
_RATES: Final = ("rate", "irate", "increase")
# Functions and aggregations that read the presence of a series, not its value.
_PRESENCE: Final = ("count", "group", "absent", "absent_over_time", "present_over_time")
_LEGEND_LABEL: Final = re.compile(r"{{\s*(\w+)\s*}}")
_ALERTS: Final = "ALERTS"
_WITHOUT_LEGEND: Final = ("table", "heatmap")


def target_promql(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require valid PromQL in every query."""
    for place, query in iter_queries(subject):
        if parse(query) is None:
            yield place, f"invalid PromQL: {query}"


def target_rate_interval(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require `$__rate_interval`, or a window of at least 10 minutes, in a rate."""
    for panel, target in subject.targets:
        for node, around in nodes(target["expr"]):
            if isinstance(node, promql.MatrixSelector) and _calls(around[:1], ("rate", "irate")):
                seconds = node.range.total_seconds()
                if seconds != RATE_INTERVAL_SECONDS and seconds < _LONG_SECONDS:
                    yield panel["title"], f"the window of a rate is {seconds:g} s, not $__rate_interval"


def windows(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require at least four scrapes in a fixed window."""
    for panel, target in subject.targets:
        for written in re.findall(r"\[([0-9][0-9a-z]*)", target["expr"]):
            if parse_duration(written) < 4 * _SCRAPE_INTERVAL_SECONDS:
                yield panel["title"], f"a window of {written} has fewer than four samples"


def target_job(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require `job=~"$job"` in every selector of a board with the variable job."""
    return _filtered(subject, "job")


def target_instance(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require `instance=~"$instance"` in every selector of a board with the variable instance."""
    return _filtered(subject, "instance")


def target_counter_agg(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require a rate or increase of each series of a counter, not of their sum."""
    for panel, target in subject.targets:
        for selector, around in selectors(target["expr"]):
            if str(selector.name).endswith(_COUNTERS) and not _is_rate(around):
                yield panel["title"], f"{selector.name} is a counter, but the query takes no rate of its series"


def metrics_available(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require metrics that a target exposes or a rule records."""
    for place, query in iter_queries(subject):
        for name in sorted(metrics_of(query) - subject.available.metrics if parse(query) else ()):
            yield place, f"no target exposes {name} and no rule records it"


def legend(subject: Subject) -> Iterator[tuple[str, str]]:
    """Require a legend with labels that the query's result has."""
    for panel, target in subject.targets:
        name, tree = target.get("legendFormat", ""), parse(target["expr"])
        if not name and panel["type"] not in _WITHOUT_LEGEND:
            yield panel["title"], f"query {target['refId']} has no legend"
        if tree is not None:
            for label in (label for label in _LEGEND_LABEL.findall(name) if label not in result_labels(tree)):
                yield panel["title"], f"the result of query {target['refId']} has no label {label}"


def iter_queries(subject: Subject) -> Iterator[tuple[str, str]]:
    """Yield every query of panels, variables and annotations, after its place."""
    for panel, target in subject.targets:
        yield panel["title"], target["expr"]
    for variable in subject.variables:
        if variable["type"] == "query" and (found := VALUES_OF.fullmatch(str(variable.get("query")))):
            yield variable["name"], found["selector"]
    for annotation in subject.board["annotations"]["list"]:
        yield annotation["name"], annotation["expr"]


def _filtered(subject: Subject, name: str) -> Iterator[tuple[str, str]]:
    if name not in {variable["name"] for variable in subject.variables}:
        return
    # Matched as text, because the tree is that of the interpolated query.
    matcher = f'{name}=~"${name}"'
    for panel, target in subject.targets:
        # Alerts are those of Prometheus itself, such as the Watchdog, and have no job.
        filtered = [selector for selector, _ in selectors(target["expr"]) if selector.name != _ALERTS]
        if target["expr"].count(matcher) < len(filtered):
            yield panel["title"], f"a selector does not have {matcher}"


def _calls(around: tuple[object, ...], names: tuple[str, ...]) -> bool:
    return any(isinstance(node, promql.Call) and node.func.name in names for node in around)


def _is_rate(around: tuple[object, ...]) -> bool:
    for node in around:
        if isinstance(node, promql.Call) and node.func.name in (*_RATES, *_PRESENCE):
            return True
        if isinstance(node, promql.AggregateExpr):
            return str(node.op) in _PRESENCE
    return False
