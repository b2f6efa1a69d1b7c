"""Query results of a dashboard from Prometheus, queried as Grafana does."""

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

# The data source's scrape interval, `timeInterval`: the shortest step.
SCRAPE_SECONDS: Final = 30
ANNOTATION_SECONDS: Final = 60
"""The shortest step of a annotation's query."""
# Width of one of the grid's 24 columns; Grafana requests one sample per pixel.
COLUMN_PIXELS: Final = 65

_RELATIVE: Final = re.compile(r"now-(\d+)([mhd])")
_UNITS: Final = {"m": 60, "h": 3600, "d": 86400}
_STEPS: Final = (30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 21600, 43200)


@dataclass(frozen=True)
class Range:
    """The time range that a board shows, in seconds since 1970."""

    begin: int
    end: int

    @classmethod
    def until(cls, end: int, begin: str) -> Range:
        """Return the range of a board that starts at `begin`, such as `now-1h`, with `end` as now.

        Raises:
            ValueError: `begin` is another kind of time.
        """
        found = _RELATIVE.fullmatch(begin)
        if not found:
            raise ValueError(
                f"{begin} is not supported as the start of a time range; use a form such as now-30m, now-1h or now-7d"
            )
        return cls(end - int(found[1]) * _UNITS[found[2]], end)

    def step(self, pixels: int, shortest: int = SCRAPE_SECONDS) -> int:
        """Return the step in seconds: a round number near one sample per pixel."""
        exact = (self.end - self.begin) / pixels
        return max(shortest, min(_STEPS, key=lambda step: (abs(step - exact), step)))

    def windows(self, step: int) -> Mapping[str, str]:
        """Return the values of Grafana's own variables."""
        return {
            "$__rate_interval": f"{max(step + SCRAPE_SECONDS, 4 * SCRAPE_SECONDS)}s",
            "$__interval": f"{step}s",
            "$__range": f"{self.end - self.begin}s",
            "${__from}": str(self.begin * 1000),
            "${__to}": str(self.end * 1000),
        }


class Prometheus:
    """HTTP client of a Prometheus."""

    def __init__(self, address: str) -> None:
        self._address = address

    def instant(self, query: str, moment: int) -> list[dict[str, Any]]:
        """Return the series at a time, each with one sample.

        Raises:
            QueryError: Prometheus rejects the query.
        """
        found = self._get("query", query=query, time=moment)
        if found["resultType"] == "scalar":
            return [{"metric": {}, "values": [found["result"]]}]
        return [{"metric": each["metric"], "values": [each["value"]]} for each in found["result"]]

    def over(self, query: str, span: Range, step: int) -> list[dict[str, Any]]:
        """Return the series over a range, at multiples of the step since 1970.

        Raises:
            QueryError: Prometheus rejects the query.
        """
        begin, end = (moment // step * step for moment in (span.begin, span.end))
        series: list[dict[str, Any]] = self._get("query_range", query=query, start=begin, end=end, step=step)["result"]
        return series

    def _get(self, path: str, **parameters: object) -> Any:
        try:
            with urlopen(f"{self._address}/api/v1/{path}", urlencode(parameters).encode(), timeout=60) as result:
                return json.load(result)["data"]
        except HTTPError as error:
            raise QueryError(json.load(error)["error"]) from error


class QueryError(Exception):
    """Error message of Prometheus on a query."""


def drawing(prometheus: Prometheus, board: Mapping[str, Any], span: Range) -> dict[str, Any]:
    """Return all data to draw a board, in the format of page/drawing.ts."""
    panels = [panel for panel in opened(board) if panel["type"] != "row"]
    return {
        "board": {**board, "panels": opened(board)},
        "from": span.begin * 1000,
        "to": span.end * 1000,
        "results": {panel["id"]: list(_results(prometheus, panel, span)) for panel in panels},
        "annotations": [
            annotation
            for query in board["annotations"]["list"]
            if query.get("enable", True)
            for annotation in _annotations(prometheus, query, span)
            if annotation["to"] >= span.begin * 1000 and annotation["from"] <= span.end * 1000
        ],
    }


def opened(board: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the rows and panels of a board with every row open, as after a click on each collapsed row."""
    shown: list[Mapping[str, Any]] = []
    lower = 0
    for panel in board["panels"]:
        nested = panel.get("panels") or []
        shown += [_lowered(each, lower) for each in ({**panel, "collapsed": False}, *nested)]
        ends = [each["gridPos"]["y"] + each["gridPos"]["h"] for each in nested]
        lower += max(ends, default=0) - panel["gridPos"]["y"] - panel["gridPos"]["h"] if nested else 0
    return shown


def _lowered(panel: Mapping[str, Any], rows: int) -> Mapping[str, Any]:
    place = panel["gridPos"]
    return {**panel, "gridPos": {**place, "y": place.get("y", 0) + rows}}


def _results(prometheus: Prometheus, panel: Mapping[str, Any], span: Range) -> Iterator[dict[str, Any]]:
    step = span.step(panel["gridPos"]["w"] * COLUMN_PIXELS)
    for target in panel["targets"]:
        result = {
            "refId": target["refId"],
            "legend": target.get("legendFormat", ""),
            "format": target.get("format", "time_series"),
            "step": step * 1000,
        }
        query = interpolate(target["expr"], span.windows(step))
        try:
            instant = target.get("instant")
            series = prometheus.instant(query, span.end) if instant else prometheus.over(query, span, step)
            yield {**result, "series": series}
        except QueryError as error:
            yield {**result, "series": [], "error": str(error)}


def _annotations(prometheus: Prometheus, annotation: Mapping[str, Any], span: Range) -> Iterator[dict[str, Any]]:
    """Yield the periods of an annotation; samples at most one step apart are one period."""
    step = span.step(24 * COLUMN_PIXELS, ANNOTATION_SECONDS)
    for series in prometheus.over(interpolate(annotation["expr"], span.windows(step)), span, step):
        latest: dict[str, Any] | None = None
        for moment in _moments(annotation, series["values"]):
            if latest and latest["to"] + step * 1000 >= moment:
                latest["to"] = moment
                continue
            if latest:
                yield latest
            latest = {"color": annotation["iconColor"], "from": moment, "to": moment}
        if latest:
            yield latest


def _moments(annotation: Mapping[str, Any], samples: list[tuple[float, str]]) -> list[float]:
    if annotation.get("useValueForTime"):
        return sorted({float(value) for _, value in samples})
    return [moment * 1000 for moment, value in samples if float(value) > 0]
