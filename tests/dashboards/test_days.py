"""Tests of every dashboard query in a real Prometheus with a healthy day and an incident day."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from dashboards.rendering.queries import interpolate
from dashboards.signals.pods import WORKLOADS
from synthetic.evaluation import Matrix, query_range
from tools.boards.query_results import DAYS, EMPTY_ALWAYS, EMPTY_IN_HEALTH, STEP_SECONDS, query_results
from tools.boards.rendered_boards import BOARDS, QUERIES, Query, distinguishing_labels, query_variables
from tools.stored_days import serve, stored_days

pytestmark = pytest.mark.slow

HEARTBEAT: Final = "Watchdog"
HOUR: Final = 3600
# Series by day and query.
Results = Mapping[str, Mapping[str, list[Matrix]]]

each_board = pytest.mark.parametrize("uid", BOARDS)


@pytest.fixture(scope="module")
def prometheus() -> Iterator[str]:
    with serve() as address:
        yield address


@pytest.fixture(scope="module")
def results(prometheus: str) -> Results:
    stored = stored_days()
    return {day: query_results(prometheus, stored[day]) for day in DAYS}


@pytest.mark.parametrize("name", stored_days())
def test_exactly_the_expected_alerts_of_a_day_fire(prometheus: str, name: str) -> None:
    stored = stored_days()[name]
    firing = query_range(prometheus, 'ALERTS{alertstate="firing"}', stored.begins, stored.ends, STEP_SECONDS // 5)
    assert {each.labels["alertname"] for each in firing} == {HEARTBEAT} | stored.day.expects


def queries_of(uid: str) -> list[Query]:
    """Return the queries of a board."""
    return [query for query in QUERIES if query.board == uid]


@each_board
def test_every_query_has_data_on_the_incident_day_unless_excused(results: Results, uid: str) -> None:
    assert queries_of(uid)
    offenders = [
        str(query) for query in queries_of(uid) if bool(results["incident"][str(query)]) == (str(query) in EMPTY_ALWAYS)
    ]
    assert offenders == [], "correct the queries, or EMPTY_ALWAYS in tools/boards/query_results.py"


@each_board
def test_every_query_has_data_on_the_healthy_day_unless_excused(results: Results, uid: str) -> None:
    offenders = [
        str(query)
        for query in queries_of(uid)
        if bool(results["healthy"][str(query)]) == (str(query) in {**EMPTY_IN_HEALTH, **EMPTY_ALWAYS})
    ]
    assert offenders == [], "correct the queries, or EMPTY_IN_HEALTH in tools/boards/query_results.py"


def without_none(series: list[Matrix]) -> list[Matrix]:
    """Return the series without the one that stands for an empty result, whose only label says "none"."""
    return [each for each in series if not any(value.startswith("none") for value in each.labels.values())]


def are_distinguished(query: Query, series: list[Matrix]) -> bool:
    """Return whether the labels in the legend or in a table's columns identify each series of a query."""
    labels = distinguishing_labels(query)
    if query.panel["type"] == "table":  # A column may be empty in some rows.
        complete = labels <= {label for each in series for label in each.labels}
    else:
        complete = all(labels <= set(each.labels) for each in series)
    return complete and len({tuple(each.labels.get(label) for label in labels) for each in series}) == len(series)


@each_board
def test_series_are_distinguished_by_the_labels_in_their_legend(results: Results, uid: str) -> None:
    offenders = [
        str(query)
        for query in queries_of(uid)
        if not are_distinguished(query, without_none(results["incident"][str(query)]))
    ]
    assert offenders == []


def test_excused_queries_exist() -> None:
    assert {*EMPTY_IN_HEALTH, *EMPTY_ALWAYS} <= {str(query) for query in QUERIES}


def values(prometheus: str, day: str, selector: str, label: str) -> list[str]:
    """Return the values of a label on a selector's series within a day."""
    stored = stored_days()[day]
    parameters = urlencode({"match[]": interpolate(selector), "start": stored.begins, "end": stored.ends})
    with urlopen(f"{prometheus}/api/v1/label/{label}/values?{parameters}", timeout=10) as response:
        found: list[str] = json.load(response)["data"]
    return found


@pytest.mark.parametrize("day", DAYS)
@each_board
def test_every_variable_has_values(prometheus: str, uid: str, day: str) -> None:
    found = {
        each["name"]: re.fullmatch(r"label_values\((.+), (\w+)\)", each["query"])
        for each in query_variables(BOARDS[uid])
    }
    offenders = [name for name, match in found.items() if not match or not values(prometheus, day, match[1], match[2])]
    assert offenders == []


@pytest.mark.parametrize(
    ("variable", "value", "pods"),
    [
        ("node", "node-1", {"api-0", "api-1", "worker-0", "worker-1", "webhook-dispatcher-0"}),
        ("node", "node-2", set()),
        ("workload", "api", {"api-0", "api-1"}),
        # A workload whose name is a prefix of another must not match it.
        ("workload", "ap", set()),
        ("pod", "api-0", {"api-0"}),
        ("pod", "api-9", set()),
    ],
)
def test_pods_are_filtered_by_node_workload_and_name(
    prometheus: str, variable: str, value: str, pods: set[str]
) -> None:
    stored = stored_days()["incident"]
    of_pods = [
        query for query in QUERIES if query.board == "bais-infrastructure" and f"${variable}" in query.expression
    ]
    by_pod = [query for query in of_pods if "pod" in distinguishing_labels(query)]
    assert len(by_pod) >= 5
    seen: set[str] = set()
    for query in by_pod:
        interpolated = interpolate(query.expression.replace(f"${variable}", value))
        found = query_range(prometheus, interpolated, stored.begins + HOUR, stored.ends, STEP_SECONDS)
        seen |= {each.labels["pod"] for each in without_none(found)}
        assert seen <= pods, str(query)
    assert seen == pods


def test_workload_variable_offers_owners_of_pods_except_jobs(prometheus: str) -> None:
    found = re.fullmatch(r"label_values\((.+), owner_name\)", WORKLOADS)
    assert found
    assert set(values(prometheus, "healthy", found[1], "owner_name")) == {"api", "worker", "webhook-dispatcher"}


@pytest.mark.parametrize("uid", BOARDS)
def test_annotations_have_series_on_the_incident_day(prometheus: str, uid: str) -> None:
    stored = stored_days()["incident"]
    found = {
        annotation["name"]: query_range(
            prometheus, interpolate(annotation["expr"]), stored.begins, stored.ends, STEP_SECONDS
        )
        for annotation in BOARDS[uid]["annotations"]["list"]
    }
    # Not every area has alerts of both severities on that day.
    alerts = {name for name in found if name.startswith("Start of ")}
    assert any(found[name] for name in alerts)
    assert [name for name, series in found.items() if not series and name not in alerts] == []
