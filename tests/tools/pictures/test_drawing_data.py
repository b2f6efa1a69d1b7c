"""Prometheus is asked as Grafana asks it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import pytest

from dashboards.defaults import BOARDS
from tools.pictures.drawing_data import Prometheus, QueryError, Range, drawing

HOUR: Final = Range(1_800_000_000, 1_800_003_600)


class Recorded(Prometheus):
    """Answers every query with what is given, and remembers what it was asked."""

    def __init__(self, *samples: tuple[float, str]) -> None:
        super().__init__("http://nowhere.invalid")
        self.asked: list[str] = []
        self._series = [{"metric": {}, "values": list(samples)}]

    def instant(self, query: str, moment: int) -> list[dict[str, Any]]:
        self.asked.append(f"{query} at {moment}")
        return self._series

    def over(self, query: str, span: Range, step: int) -> list[dict[str, Any]]:
        self.asked.append(f"{query} each {step}")
        return self._series


class Refusing(Recorded):
    def over(self, query: str, span: Range, step: int) -> list[dict[str, Any]]:
        raise QueryError("too many samples")


def board(target: Mapping[str, Any] | None = None, *, mark: Mapping[str, Any] | None = None) -> dict[str, Any]:
    panel = {
        "id": 7,
        "type": "timeseries",
        "gridPos": {"w": 8},
        "targets": [{"refId": "A", **target}] if target else [],
    }
    return {"panels": [{"type": "row"}, panel], "annotations": {"list": [mark] if mark else []}}


@pytest.mark.parametrize(
    ("seconds", "pixels", "step"),
    [(3600, 520, 30), (6 * 3600, 520, 30), (24 * 3600, 520, 120), (24 * 3600, 260, 300), (7 * 24 * 3600, 520, 1200)],
)
def test_a_step_is_round_and_never_shorter_than_a_scrape(seconds: int, pixels: int, step: int) -> None:
    assert Range(0, seconds).step(pixels) == step


@pytest.mark.parametrize(("step", "window"), [(30, "120s"), (60, "120s"), (120, "150s"), (1800, "1830s")])
def test_a_rate_covers_four_scrapes_or_a_step_and_one_scrape(step: int, window: str) -> None:
    assert HOUR.windows(step)["$__rate_interval"] == window


@pytest.mark.parametrize(("begin", "seconds"), [("now-30m", 1800), ("now-1h", 3600), ("now-7d", 604_800)])
def test_a_board_is_drawn_over_its_own_time_up_to_the_end(begin: str, seconds: int) -> None:
    assert Range.until(HOUR.end, begin) == Range(HOUR.end - seconds, HOUR.end)


@pytest.mark.parametrize("begin", ["now/d", "2026-03-01", "now-1h/h", ""])
def test_another_kind_of_time_is_told(begin: str) -> None:
    with pytest.raises(ValueError, match="is no time from which a board is drawn"):
        Range.until(HOUR.end, begin)


@pytest.mark.parametrize("uid", BOARDS)
def test_every_board_opens_with_a_time_from_which_it_is_drawn(uid: str) -> None:
    assert Range.until(HOUR.end, BOARDS[uid]["time"]["from"]).begin < HOUR.end


def test_choices_stand_at_all_and_windows_are_filled_in() -> None:
    prometheus = Recorded()
    drawing(prometheus, board({"expr": 'rate(a{job=~"$job"}[$__rate_interval]) / sum_over_time(b[$__range])'}), HOUR)
    assert prometheus.asked == ['rate(a{job=~".*"}[120s]) / sum_over_time(b[3600s]) each 30']


def test_an_instant_query_is_asked_at_the_end() -> None:
    prometheus = Recorded()
    drawing(prometheus, board({"expr": "a", "instant": True}), HOUR)
    assert prometheus.asked == [f"a at {HOUR.end}"]


def test_a_refused_query_is_an_error_of_its_panel_and_of_nothing_else() -> None:
    (answer,) = drawing(Refusing(), board({"expr": "a"}), HOUR)["answers"][7]
    assert answer["error"] == "too many samples"
    assert answer["series"] == []


def test_moments_of_an_alert_are_one_mark_until_a_step_is_missing() -> None:
    begin = HOUR.begin
    prometheus = Recorded((begin, "1"), (begin + 60, "1"), (begin + 120, "0"), (begin + 240, "1"))
    mark = {"expr": "ALERTS", "iconColor": "red"}
    assert drawing(prometheus, board(mark=mark), HOUR)["marks"] == [
        {"color": "red", "from": begin * 1000, "to": (begin + 60) * 1000},
        {"color": "red", "from": (begin + 240) * 1000, "to": (begin + 240) * 1000},
    ]


def test_a_rollout_stands_where_its_value_says_and_only_within_the_time_shown() -> None:
    inside, before = (HOUR.begin + 100) * 1000, (HOUR.begin - 100) * 1000
    prometheus = Recorded((HOUR.begin, str(before)), (HOUR.end, str(inside)))
    mark = {"expr": "created", "iconColor": "blue", "useValueForTime": True}
    assert drawing(prometheus, board(mark=mark), HOUR)["marks"] == [{"color": "blue", "from": inside, "to": inside}]


@pytest.mark.parametrize("uid", BOARDS)
def test_no_variable_is_left_in_what_a_board_asks(uid: str) -> None:
    prometheus = Recorded()
    drawing(prometheus, BOARDS[uid], HOUR)
    assert prometheus.asked
    # `$1` is what a pattern of PromQL's own found.
    assert [query for query in prometheus.asked if re.search(r"\$[^\d]", query)] == []
