"""Tests of the queries for drawings: steps, windows, variables and annotations as in Grafana."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import pytest

from dashboards.defaults import BOARDS
from tools.pictures.drawing_data import Prometheus, QueryError, Range, drawing, opened

HOUR: Final = Range(1_800_000_000, 1_800_003_600)


class Recorded(Prometheus):
    """Return given samples for every query, and record the queries."""

    def __init__(self, *samples: tuple[float, str]) -> None:
        super().__init__("http://nowhere.invalid")
        self.queries: list[str] = []
        self._series = [{"metric": {}, "values": list(samples)}]

    def instant(self, query: str, moment: int) -> list[dict[str, Any]]:
        self.queries.append(f"{query} at {moment}")
        return self._series

    def over(self, query: str, span: Range, step: int) -> list[dict[str, Any]]:
        self.queries.append(f"{query} each {step}")
        return self._series


class Rejecting(Recorded):
    """Reject every range query."""

    def over(self, query: str, span: Range, step: int) -> list[dict[str, Any]]:
        raise QueryError("too many samples")


def board(target: Mapping[str, Any] | None = None, *, annotation: Mapping[str, Any] | None = None) -> dict[str, Any]:
    panel = {
        "id": 7,
        "type": "timeseries",
        "gridPos": {"x": 0, "y": 1, "w": 8, "h": 8},
        "targets": [{"refId": "A", **target}] if target else [],
    }
    row = {"type": "row", "gridPos": {"x": 0, "y": 0, "w": 24, "h": 1}}
    return {"panels": [row, panel], "annotations": {"list": [annotation] if annotation else []}}


@pytest.mark.parametrize(
    ("seconds", "pixels", "step"),
    [(3600, 520, 30), (6 * 3600, 520, 30), (24 * 3600, 520, 120), (24 * 3600, 260, 300), (7 * 24 * 3600, 520, 1200)],
)
def test_a_step_is_round_and_at_least_the_scrape_interval(seconds: int, pixels: int, step: int) -> None:
    assert Range(0, seconds).step(pixels) == step


@pytest.mark.parametrize(("step", "window"), [(30, "120s"), (60, "120s"), (120, "150s"), (1800, "1830s")])
def test_rate_interval_is_four_scrapes_or_a_step_and_one_scrape(step: int, window: str) -> None:
    assert HOUR.windows(step)["$__rate_interval"] == window


@pytest.mark.parametrize(("begin", "seconds"), [("now-30m", 1800), ("now-1h", 3600), ("now-7d", 604_800)])
def test_a_board_is_drawn_over_its_own_time_range(begin: str, seconds: int) -> None:
    assert Range.until(HOUR.end, begin) == Range(HOUR.end - seconds, HOUR.end)


@pytest.mark.parametrize("begin", ["now/d", "2026-03-01", "now-1h/h", ""])
def test_an_unsupported_start_is_rejected(begin: str) -> None:
    with pytest.raises(ValueError, match="is not supported as the start of a time range"):
        Range.until(HOUR.end, begin)


@pytest.mark.parametrize("uid", BOARDS)
def test_every_board_has_a_supported_time_range(uid: str) -> None:
    assert Range.until(HOUR.end, BOARDS[uid]["time"]["from"]).begin < HOUR.end


def test_variables_are_all_and_windows_are_interpolated() -> None:
    prometheus = Recorded()
    drawing(prometheus, board({"expr": 'rate(a{job=~"$job"}[$__rate_interval]) / sum_over_time(b[$__range])'}), HOUR)
    assert prometheus.queries == ['rate(a{job=~".*"}[120s]) / sum_over_time(b[3600s]) each 30']


def test_an_instant_query_runs_at_the_end() -> None:
    prometheus = Recorded()
    drawing(prometheus, board({"expr": "a", "instant": True}), HOUR)
    assert prometheus.queries == [f"a at {HOUR.end}"]


def test_a_rejected_query_is_an_error_of_its_panel_only() -> None:
    (result,) = drawing(Rejecting(), board({"expr": "a"}), HOUR)["results"][7]
    assert result["error"] == "too many samples"
    assert result["series"] == []


def test_consecutive_samples_of_an_alert_are_one_annotation() -> None:
    begin = HOUR.begin
    prometheus = Recorded((begin, "1"), (begin + 60, "1"), (begin + 120, "0"), (begin + 240, "1"))
    annotation = {"expr": "ALERTS", "iconColor": "red"}
    assert drawing(prometheus, board(annotation=annotation), HOUR)["annotations"] == [
        {"color": "red", "from": begin * 1000, "to": (begin + 60) * 1000},
        {"color": "red", "from": (begin + 240) * 1000, "to": (begin + 240) * 1000},
    ]


def test_a_rollout_is_placed_by_its_value_and_only_within_the_range() -> None:
    inside, before = (HOUR.begin + 100) * 1000, (HOUR.begin - 100) * 1000
    prometheus = Recorded((HOUR.begin, str(before)), (HOUR.end, str(inside)))
    annotation = {"expr": "created", "iconColor": "blue", "useValueForTime": True}
    assert drawing(prometheus, board(annotation=annotation), HOUR)["annotations"] == [
        {"color": "blue", "from": inside, "to": inside}
    ]


def test_a_collapsed_row_is_drawn_open() -> None:
    def place(top: int, height: int, **rest: Any) -> dict[str, Any]:
        return {"gridPos": {"x": 0, "y": top, "w": 24, "h": height}, **rest}

    nested = [place(1, 8, title="a"), place(9, 8, title="b")]
    rows = [place(0, 1, title="first", collapsed=True, panels=nested), place(1, 1, title="second", panels=[])]
    shown = opened({"panels": rows})
    assert [(each["title"], each["gridPos"]["y"]) for each in shown] == [
        ("first", 0),
        ("a", 1),
        ("b", 9),
        ("second", 17),
    ]


@pytest.mark.parametrize("uid", BOARDS)
def test_queries_of_a_board_have_no_variables_left(uid: str) -> None:
    prometheus = Recorded()
    drawing(prometheus, BOARDS[uid], HOUR)
    assert prometheus.queries
    # `$1` is a capture group in PromQL's label_replace.
    assert [query for query in prometheus.queries if re.search(r"\$[^\d]", query)] == []
