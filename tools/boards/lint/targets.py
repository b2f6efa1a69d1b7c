"""Rules about the queries of panels, choices and marks."""

import re
from collections.abc import Iterator
from typing import Final

import promql_parser as promql

from common.durations import parse_duration
from tools.boards.lint.model import Subject
from tools.boards.lint.promql import RATE_INTERVAL_SECONDS, labels, nodes, parsed, selectors
from tools.boards.lint.variables import VALUES_OF
from tools.boards.rendered_boards import metrics_of

_SCRAPE_INTERVAL_SECONDS: Final = 30
# A window as long as this is an alert's own, and steady at every resolution.
_LONG_SECONDS: Final = parse_duration("10m")
_COUNTERS: Final = ("_total", "_bucket")
_RATES: Final = ("rate", "irate", "increase")
# Functions and aggregations that ask whether there is a series, not for its value.
_PRESENCE: Final = ("count", "group", "absent", "absent_over_time", "present_over_time")
_LEGEND_LABEL: Final = re.compile(r"{{\s*(\w+)\s*}}")
_WITHOUT_LEGEND: Final = ("table", "heatmap")


def target_promql(subject: Subject) -> Iterator[tuple[str, str]]:
    """Every query is PromQL."""
    for place, query in queries(subject):
        if parsed(query) is None:
            yield place, f"this is no PromQL: {query}"


def target_rate_interval(subject: Subject) -> Iterator[tuple[str, str]]:
    """A rate follows the resolution, or has a window of minutes that an alert has as well."""
    for panel, target in subject.targets:
        for node, around in nodes(target["expr"]):
            if isinstance(node, promql.MatrixSelector) and _calls(around[:1], ("rate", "irate")):
                seconds = node.range.total_seconds()
                if seconds != RATE_INTERVAL_SECONDS and seconds < _LONG_SECONDS:
                    yield panel["title"], f"the window of a rate is {seconds:g} s, not $__rate_interval"


def windows(subject: Subject) -> Iterator[tuple[str, str]]:
    """A fixed window spans at least four scrapes."""
    for panel, target in subject.targets:
        for written in re.findall(r"\[([0-9][0-9a-z]*)", target["expr"]):
            if parse_duration(written) < 4 * _SCRAPE_INTERVAL_SECONDS:
                yield panel["title"], f"a window of {written} has fewer than four samples"


def target_job(subject: Subject) -> Iterator[tuple[str, str]]:
    """On a board about one kind of process every selector follows the choice of the job."""
    return _chosen(subject, "job")


def target_instance(subject: Subject) -> Iterator[tuple[str, str]]:
    """On a board about one kind of process every selector follows the choice of the instance."""
    return _chosen(subject, "instance")


def target_counter_agg(subject: Subject) -> Iterator[tuple[str, str]]:
    """A counter is read by its rate or increase, of each series and not of a sum of them."""
    for panel, target in subject.targets:
        for selector, around in selectors(target["expr"]):
            if str(selector.name).endswith(_COUNTERS) and not _is_rate(around):
                yield panel["title"], f"{selector.name} is a counter and read without a rate of each series"


def metrics_known(subject: Subject) -> Iterator[tuple[str, str]]:
    """Every metric is one that something exposes."""
    for place, query in queries(subject):
        for name in sorted(metrics_of(query) - subject.known.metrics if parsed(query) else ()):
            yield place, f"nothing exposes {name}"


def legend(subject: Subject) -> Iterator[tuple[str, str]]:
    """Series are named, by labels that the query keeps."""
    for panel, target in subject.targets:
        name, tree = target.get("legendFormat", ""), parsed(target["expr"])
        if not name and panel["type"] not in _WITHOUT_LEGEND:
            yield panel["title"], f"query {target['refId']} does not name its series"
        if tree is not None:
            for label in (label for label in _LEGEND_LABEL.findall(name) if label not in labels(tree)):
                yield panel["title"], f"the series of query {target['refId']} have no label {label}"


def queries(subject: Subject) -> Iterator[tuple[str, str]]:
    """Every query with where it stands: those of panels, choices and marks."""
    for panel, target in subject.targets:
        yield panel["title"], target["expr"]
    for variable in subject.variables:
        if variable["type"] == "query" and (found := VALUES_OF.fullmatch(str(variable.get("query")))):
            yield variable["name"], found["selector"]
    for mark in subject.board["annotations"]["list"]:
        yield mark["name"], mark["expr"]


def _chosen(subject: Subject, name: str) -> Iterator[tuple[str, str]]:
    # By its text: the tree is that of the query with the choice filled in.
    wanted = f'{name}=~"${name}"'
    for panel, target in subject.targets:
        if target["expr"].count(wanted) < sum(1 for _ in selectors(target["expr"])):
            yield panel["title"], f"a selector does not have {wanted}"


def _calls(around: tuple[object, ...], names: tuple[str, ...]) -> bool:
    return any(isinstance(node, promql.Call) and node.func.name in names for node in around)


def _is_rate(around: tuple[object, ...]) -> bool:
    for node in around:
        if isinstance(node, promql.Call) and node.func.name in (*_RATES, *_PRESENCE):
            return True
        if isinstance(node, promql.AggregateExpr):
            return str(node.op) in _PRESENCE
    return False
