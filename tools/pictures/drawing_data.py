"""What Prometheus answers to a board, asked as Grafana asks it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

from dashboards.rendering.queries import interpolate

SCRAPE_SECONDS: Final = 30
"""What the data source says of the scrape interval, `timeInterval`: the shortest step."""
MARK_SECONDS: Final = 60
"""The shortest step of a mark's query."""
COLUMN_PIXELS: Final = 65
"""How wide a column of a board's 24 is drawn; Grafana asks for one sample a pixel."""

_RELATIVE: Final = re.compile(r"now-(\d+)([mhd])")
_UNITS: Final = {"m": 60, "h": 3600, "d": 86400}
_STEPS: Final = (30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 21600, 43200)


@dataclass(frozen=True)
class Range:
    """The time that a board shows, in seconds since 1970."""

    begin: int
    end: int

    @classmethod
    def until(cls, end: int, begin: str) -> Range:
        """What a board that opens with `begin`, as `now-1h`, shows where `end` is now.

        Raises:
            ValueError: it opens with another kind of time.
        """
        found = _RELATIVE.fullmatch(begin)
        if not found:
            raise ValueError(f"{begin}: is no time from which a board is drawn; now-30m, now-1h or now-7d are")
        return cls(end - int(found[1]) * _UNITS[found[2]], end)

    def step(self, pixels: int, shortest: int = SCRAPE_SECONDS) -> int:
        """The seconds between two samples: a round number near one sample a pixel."""
        exact = (self.end - self.begin) / pixels
        return max(shortest, min(_STEPS, key=lambda step: (abs(step - exact), step)))

    def windows(self, step: int) -> Mapping[str, str]:
        """What Grafana puts in place of its own variables."""
        return {
            "$__rate_interval": f"{max(step + SCRAPE_SECONDS, 4 * SCRAPE_SECONDS)}s",
            "$__interval": f"{step}s",
            "$__range": f"{self.end - self.begin}s",
        }


class Prometheus:
    """A Prometheus, asked over HTTP."""

    def __init__(self, address: str) -> None:
        self._address = address

    def instant(self, query: str, moment: int) -> list[dict[str, Any]]:
        """The series at a moment, each with a list of this one sample.

        Raises:
            QueryError: Prometheus refuses the query.
        """
        found = self._get("query", query=query, time=moment)
        if found["resultType"] == "scalar":
            return [{"metric": {}, "values": [found["result"]]}]
        return [{"metric": each["metric"], "values": [each["value"]]} for each in found["result"]]

    def over(self, query: str, span: Range, step: int) -> list[dict[str, Any]]:
        """The series over a time, at moments that are whole steps since 1970.

        Raises:
            QueryError: Prometheus refuses the query.
        """
        begin, end = (moment // step * step for moment in (span.begin, span.end))
        series: list[dict[str, Any]] = self._get("query_range", query=query, start=begin, end=end, step=step)["result"]
        return series

    def _get(self, path: str, **parameters: object) -> Any:
        try:
            with urlopen(f"{self._address}/api/v1/{path}", urlencode(parameters).encode(), timeout=60) as answer:
                return json.load(answer)["data"]
        except HTTPError as error:
            raise QueryError(json.load(error)["error"]) from error


class QueryError(Exception):
    """What Prometheus says against a query."""


def drawing(prometheus: Prometheus, board: Mapping[str, Any], span: Range) -> dict[str, Any]:
    """All that it takes to draw a board; page/drawing.ts says what each part means."""
    panels = (panel for panel in board["panels"] if panel["type"] != "row")
    return {
        "board": board,
        "from": span.begin * 1000,
        "to": span.end * 1000,
        "answers": {panel["id"]: list(_answers(prometheus, panel, span)) for panel in panels},
        "marks": [
            mark
            for query in board["annotations"]["list"]
            for mark in _marks(prometheus, query, span)
            if mark["to"] >= span.begin * 1000 and mark["from"] <= span.end * 1000
        ],
    }


def _answers(prometheus: Prometheus, panel: Mapping[str, Any], span: Range) -> Iterator[dict[str, Any]]:
    step = span.step(panel["gridPos"]["w"] * COLUMN_PIXELS)
    for target in panel["targets"]:
        answer = {
            "refId": target["refId"],
            "legend": target.get("legendFormat", ""),
            "format": target.get("format", "time_series"),
            "step": step * 1000,
        }
        query = interpolate(target["expr"], span.windows(step))
        try:
            instant = target.get("instant")
            series = prometheus.instant(query, span.end) if instant else prometheus.over(query, span, step)
            yield {**answer, "series": series}
        except QueryError as error:
            yield {**answer, "series": [], "error": str(error)}


def _marks(prometheus: Prometheus, mark: Mapping[str, Any], span: Range) -> Iterator[dict[str, Any]]:
    """From when to when something was so; moments not further apart than a step are one time."""
    step = span.step(24 * COLUMN_PIXELS, MARK_SECONDS)
    for series in prometheus.over(interpolate(mark["expr"], span.windows(step)), span, step):
        latest: dict[str, Any] | None = None
        for moment in _moments(mark, series["values"]):
            if latest and latest["to"] + step * 1000 >= moment:
                latest["to"] = moment
                continue
            if latest:
                yield latest
            latest = {"color": mark["iconColor"], "from": moment, "to": moment}
        if latest:
            yield latest


def _moments(mark: Mapping[str, Any], samples: list[tuple[float, str]]) -> list[float]:
    if mark.get("useValueForTime"):
        return sorted({float(value) for _, value in samples})
    return [moment * 1000 for moment, value in samples if float(value) > 0]
