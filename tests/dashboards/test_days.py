"""A real Prometheus with a healthy day and one of incidents answers every query of every board."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from dashboards.rendering.queries import concrete
from dashboards.signals.pods import WORKLOADS
from synthetic.evaluation import Matrix, query_range
from tools.boards.answers import DAYS, EMPTY_IN_HEALTH, STEP_SECONDS, answers
from tools.boards.rendered_boards import BOARDS, QUERIES, Query, choices, told_apart_by
from tools.stored_days import serve, stored_days

pytestmark = pytest.mark.slow

HEARTBEAT: Final = "Watchdog"
HOUR: Final = 3600
CHOICES: Final = [
    pytest.param(each["query"], id=f"{uid}: {each['name']}") for uid, board in BOARDS.items() for each in choices(board)
]
Answers = Mapping[str, Mapping[str, list[Matrix]]]


@pytest.fixture(scope="module")
def prometheus() -> Iterator[str]:
    with serve() as address:
        yield address


@pytest.fixture(scope="module")
def answered(prometheus: str) -> Answers:
    stored = stored_days()
    return {day: answers(prometheus, stored[day]) for day in DAYS}


@pytest.mark.parametrize("name", stored_days())
def test_on_a_day_exactly_those_alerts_fire_that_it_expects(prometheus: str, name: str) -> None:
    stored = stored_days()[name]
    firing = query_range(prometheus, 'ALERTS{alertstate="firing"}', stored.begins, stored.ends, STEP_SECONDS // 5)
    assert {each.labels["alertname"] for each in firing} == {HEARTBEAT} | stored.day.expects


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_a_query_has_data_in_trouble_and_unless_excused_in_health(answered: Answers, query: Query) -> None:
    assert answered["incident"][str(query)]
    assert bool(answered["healthy"][str(query)]) == (str(query) not in EMPTY_IN_HEALTH)


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_the_series_of_a_query_are_told_apart_by_the_labels_that_name_them(answered: Answers, query: Query) -> None:
    series = answered["incident"][str(query)]
    named = told_apart_by(query)
    if query.panel["type"] == "table":  # a column may be empty in some rows
        assert named <= {label for each in series for label in each.labels}
    else:
        assert [each.labels for each in series if not named <= set(each.labels)] == []
    assert len({tuple(each.labels.get(label) for label in named) for each in series}) == len(series)


def test_only_queries_that_exist_are_excused() -> None:
    assert set(EMPTY_IN_HEALTH) <= {str(query) for query in QUERIES}


def values(prometheus: str, day: str, selector: str, label: str) -> list[str]:
    """The values that a label has on a selector's series within a day."""
    stored = stored_days()[day]
    asked = urlencode({"match[]": concrete(selector), "start": stored.begins, "end": stored.ends})
    with urlopen(f"{prometheus}/api/v1/label/{label}/values?{asked}", timeout=10) as answer:
        found: list[str] = json.load(answer)["data"]
    return found


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("choice", CHOICES)
def test_a_choice_has_values(prometheus: str, choice: str, day: str) -> None:
    found = re.fullmatch(r"label_values\((.+), (\w+)\)", choice)
    assert found
    assert values(prometheus, day, found[1], found[2])


@pytest.mark.parametrize(
    ("choice", "value", "pods"),
    [
        ("node", "node-1", {"api-0", "api-1", "worker-0", "worker-1", "webhook-dispatcher-0"}),
        ("node", "node-2", set()),
        ("workload", "api", {"api-0", "api-1"}),
        # A name that only begins like the workload's is another's.
        ("workload", "ap", set()),
        ("pod", "api-0", {"api-0"}),
        ("pod", "api-9", set()),
    ],
)
def test_pods_are_narrowed_by_node_workload_and_name(prometheus: str, choice: str, value: str, pods: set[str]) -> None:
    stored = stored_days()["incident"]
    of_pods = [query for query in QUERIES if query.board == "bais-infrastructure" and f"${choice}" in query.expression]
    named = [query for query in of_pods if "pod" in told_apart_by(query)]
    assert len(named) >= 5
    seen: set[str] = set()
    for query in named:
        asked = concrete(query.expression.replace(f"${choice}", value))
        found = query_range(prometheus, asked, stored.begins + HOUR, stored.ends, STEP_SECONDS)
        seen |= {each.labels["pod"] for each in found}
        assert seen <= pods, str(query)
    assert seen == pods


def test_workloads_are_what_owns_pods_but_not_jobs(prometheus: str) -> None:
    found = re.fullmatch(r"label_values\((.+), owner_name\)", WORKLOADS)
    assert found
    assert set(values(prometheus, "healthy", found[1], "owner_name")) == {"api", "worker", "webhook-dispatcher"}


@pytest.mark.parametrize("uid", BOARDS)
def test_the_marks_of_a_board_have_series_on_a_day_of_incidents(prometheus: str, uid: str) -> None:
    stored = stored_days()["incident"]
    found = {
        mark["name"]: query_range(prometheus, concrete(mark["expr"]), stored.begins, stored.ends, STEP_SECONDS)
        for mark in BOARDS[uid]["annotations"]["list"]
    }
    # Not every area has alerts of both severities that day.
    assert any(series for name, series in found.items() if name.startswith("Firing: "))
    assert [name for name, series in found.items() if not series and not name.startswith("Firing: ")] == []
