"""A real Prometheus with an hour of invented data, and another of a week ago, answers every query of every board."""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from dashboards.queries import concrete
from dashboards.signals.pods import WORKLOADS
from local.prometheus import CONFIGURATION
from local.prometheus import prometheus as started
from local.tools import binary
from tests.dashboards.drawn import BOARDS, QUERIES, Query, choices, told_apart_by
from tests.dashboards.exposition import openmetrics

HOUR: Final = 3600
WEEK: Final = 7 * 24 * HOUR
CHOICES: Final = [
    pytest.param(each["query"], id=f"{uid}: {each['name']}") for uid, board in BOARDS.items() for each in choices(board)
]


class Prometheus:
    """A Prometheus that scrapes nothing, asked as of the end of its data."""

    def __init__(self, address: str, end: int) -> None:
        self._address = address
        self._end = end

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The series of an instant query."""
        result: list[dict[str, Any]] = self._get("query", query=expression, time=self._end)["result"]
        return result

    def values(self, label: str, selector: str) -> list[str]:
        """The values of a label on the series of a selector."""
        found: list[str] = self._get(f"label/{label}/values", **{"match[]": selector})
        return found

    def _get(self, path: str, **parameters: object) -> Any:
        with urlopen(f"{self._address}/api/v1/{path}?{urlencode(parameters)}", timeout=10) as answer:
            return json.load(answer)["data"]


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    folder = tmp_path_factory.mktemp("prometheus")
    end = int(time.time()) // 60 * 60
    (folder / CONFIGURATION).write_text("{}\n")
    for each in (end - WEEK, end):
        (folder / "hour.txt").write_text(openmetrics(each, HOUR))
        written = [str(binary("promtool")), "tsdb", "create-blocks-from", "openmetrics", "hour.txt", "data"]
        subprocess.run(written, cwd=folder, check=True, capture_output=True, timeout=60)
    with started(folder) as address:
        yield Prometheus(address, end)


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_a_query_returns_series_with_the_labels_that_name_them(prometheus: Prometheus, query: Query) -> None:
    series = prometheus.query(concrete(query.expression))
    assert series
    named = told_apart_by(query)
    assert [each["metric"] for each in series if not named <= set(each["metric"])] == []
    assert len({tuple(each["metric"].get(label) for label in named) for each in series}) == len(series)


@pytest.mark.parametrize("choice", CHOICES)
def test_a_choice_has_values(prometheus: Prometheus, choice: str) -> None:
    found = re.fullmatch(r"label_values\((.+), (\w+)\)", choice)
    assert found
    assert prometheus.values(found[2], concrete(found[1]))


@pytest.mark.parametrize(
    ("choice", "value", "pods"),
    [
        ("node", "worker-1", ["api-0"]),
        ("node", "worker-2", []),
        ("workload", "api", ["api-0"]),
        # A name that only begins like the workload's is another's.
        ("workload", "ap", []),
        ("pod", "api-0", ["api-0"]),
        ("pod", "api-1", []),
    ],
)
def test_pods_are_narrowed_by_node_workload_and_name(
    prometheus: Prometheus, choice: str, value: str, pods: list[str]
) -> None:
    of_pods = [query for query in QUERIES if query.board == "bais-infrastructure" and f"${choice}" in query.expression]
    named = [query for query in of_pods if "pod" in told_apart_by(query)]
    assert len(named) >= 5
    for query in named:
        series = prometheus.query(concrete(query.expression.replace(f"${choice}", value)))
        assert [each["metric"]["pod"] for each in series] == pods, str(query)


def test_workloads_are_what_owns_pods_but_not_jobs(prometheus: Prometheus) -> None:
    found = re.fullmatch(r"label_values\((.+), owner_name\)", WORKLOADS)
    assert found
    assert prometheus.values("owner_name", concrete(found[1])) == ["api"]


@pytest.mark.parametrize("uid", BOARDS)
def test_the_marks_of_a_board_return_series(prometheus: Prometheus, uid: str) -> None:
    for mark in BOARDS[uid]["annotations"]["list"]:
        prometheus.query(concrete(mark["expr"]))
