"""A real Prometheus with a healthy day and one of incidents answers every query of every board."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from dashboards.queries import concrete
from synthetic.evaluation import Matrix, ranged
from synthetic.stored import served, stored_days
from tests.dashboards.answers import DAYS, EMPTY_IN_HEALTH, STEP_SECONDS, answers
from tests.dashboards.drawn import BOARDS, QUERIES, Query

HEARTBEAT: Final = "Watchdog"
CHOICES: Final = [
    pytest.param(each["query"], id=f"{uid}: {each['name']}")
    for uid, board in BOARDS.items()
    for each in board["templating"]["list"]
    if each["type"] == "query"
]
Answers = Mapping[str, Mapping[str, list[Matrix]]]


@pytest.fixture(scope="module")
def prometheus() -> Iterator[str]:
    with served() as address:
        yield address


@pytest.fixture(scope="module")
def answered(prometheus: str) -> Answers:
    stored = stored_days()
    return {day: answers(prometheus, stored[day]) for day in DAYS}


@pytest.mark.parametrize("name", stored_days())
def test_on_a_day_exactly_those_alerts_fire_that_it_expects(prometheus: str, name: str) -> None:
    stored = stored_days()[name]
    firing = ranged(prometheus, 'ALERTS{alertstate="firing"}', stored.begins, stored.ends, STEP_SECONDS // 5)
    assert {each.labels["alertname"] for each in firing} == {HEARTBEAT} | stored.day.expects


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_a_query_has_data_in_trouble_and_unless_excused_in_health(answered: Answers, query: Query) -> None:
    assert answered["incident"][str(query)]
    assert bool(answered["healthy"][str(query)]) == (str(query) not in EMPTY_IN_HEALTH)


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_the_series_of_a_query_are_told_apart_by_the_labels_that_name_them(answered: Answers, query: Query) -> None:
    series = answered["incident"][str(query)]
    (legend,) = (each["legendFormat"] for each in query.panel["targets"] if each["refId"] == query.reference)
    named = set(re.findall(r"{{(\w+)}}", legend))
    assert [each.labels for each in series if not named <= set(each.labels)] == []
    assert len({tuple(each.labels.get(label) for label in named) for each in series}) == len(series)


def test_only_queries_that_exist_are_excused() -> None:
    assert set(EMPTY_IN_HEALTH) <= {str(query) for query in QUERIES}


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("choice", CHOICES)
def test_a_choice_has_values(prometheus: str, choice: str, day: str) -> None:
    found = re.fullmatch(r"label_values\((.+), (\w+)\)", choice)
    assert found
    stored = stored_days()[day]
    asked = urlencode({"match[]": concrete(found[1]), "start": stored.begins, "end": stored.ends})
    with urlopen(f"{prometheus}/api/v1/label/{found[2]}/values?{asked}", timeout=10) as answer:
        values: list[Any] = json.load(answer)["data"]
    assert values


@pytest.mark.parametrize("uid", BOARDS)
def test_the_marks_of_a_board_have_series_on_a_day_of_incidents(prometheus: str, uid: str) -> None:
    stored = stored_days()["incident"]
    for mark in BOARDS[uid]["annotations"]["list"]:
        assert ranged(prometheus, concrete(mark["expr"]), stored.begins, stored.ends, STEP_SECONDS), mark["name"]
