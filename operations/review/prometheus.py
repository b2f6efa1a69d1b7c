"""HTTP clients of Prometheus and Alertmanager."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

_TIMEOUT_SECONDS: Final = 60
# Prometheus returns at most 11,000 samples per series of a range query.
_MOST_STEPS: Final = 10_000


class UnreachableError(Exception):
    """A server does not respond, or is not what its URL says."""


class QueryError(Exception):
    """Prometheus refuses or aborts a query; the message is its own."""


@dataclass(frozen=True)
class Series:
    """A series: labels, and values by seconds since 1970."""

    labels: Mapping[str, str]
    values: Mapping[int, float]

    @property
    def last(self) -> float:
        """Return the newest value."""
        return self.values[max(self.values)]


@dataclass(frozen=True)
class Rule:
    """A rule of a group, with the seconds of its last evaluation and of the group's interval."""

    group: str
    name: str
    seconds: float
    interval: float


class Prometheus:
    """A Prometheus, or anything with its query API."""

    def __init__(self, url: str) -> None:
        """Keep the URL."""
        self._url = url.rstrip("/")

    def at(self, query: str, moment: int) -> list[Series]:
        """Return the result of a query at a time.

        Raises:
            QueryError: the query fails.
            UnreachableError: Prometheus does not respond.
        """
        found = self._result("query", query=query, time=moment)
        return [Series(one["metric"], {moment: float(one["value"][1])}) for one in found]

    def over(self, query: str, begin: int, end: int, step: int) -> list[Series]:
        """Return the result of a query over a range, in as many requests as needed.

        Raises:
            QueryError: the query fails.
            UnreachableError: Prometheus does not respond.
        """
        joined: dict[tuple[tuple[str, str], ...], dict[int, float]] = {}
        for first in range(begin, end + 1, step * _MOST_STEPS):
            last = min(end, first + step * (_MOST_STEPS - 1))
            for one in self._result("query_range", query=query, start=first, end=last, step=step):
                values = joined.setdefault(tuple(sorted(one["metric"].items())), {})
                values.update((int(moment), float(value)) for moment, value in one["values"])
        return [Series(dict(labels), values) for labels, values in joined.items()]

    def rules(self) -> list[Rule]:
        """Return the rules that are evaluated now.

        Raises:
            QueryError: the request is refused.
            UnreachableError: Prometheus does not respond.
        """
        groups = self._data(Request(f"{self._url}/api/v1/rules"), "groups")
        return [
            Rule(group["name"], rule["name"], rule["evaluationTime"], group["interval"])
            for group in groups
            for rule in group["rules"]
        ]

    def _result(self, path: str, **parameters: object) -> list[dict[str, Any]]:
        return self._data(Request(f"{self._url}/api/v1/{path}", urlencode(parameters).encode()), "result")

    def _data(self, request: Request, name: str) -> list[dict[str, Any]]:
        try:
            result: list[dict[str, Any]] = _read_json(request, self._url)["data"][name]
        except HTTPError as error:
            raise QueryError(_error_message(error)) from None
        except (TypeError, KeyError):
            raise UnreachableError(f"{self._url}: the response is not that of Prometheus") from None
        return result


def silences(url: str) -> list[Mapping[str, Any]]:
    """Return the silences that an Alertmanager stores, with expired ones.

    Raises:
        UnreachableError: Alertmanager does not respond.
    """
    try:
        answer = _read_json(Request(f"{url.rstrip('/')}/api/v2/silences"), url)
    except HTTPError as error:
        raise UnreachableError(f"{url}: status {error.code}") from None
    if not isinstance(answer, list):
        raise UnreachableError(f"{url}: the response is not that of Alertmanager")
    return answer


def _read_json(request: Request, server: str) -> Any:
    """Return the content of a response of a server.

    Raises:
        HTTPError: its status is an error.
        UnreachableError: there is none, or it is not JSON.
    """
    try:
        with urlopen(request, timeout=_TIMEOUT_SECONDS) as response:
            return json.load(response)
    except HTTPError:
        raise
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        text = getattr(reason, "strerror", None) or reason or type(error).__name__
        raise UnreachableError(f"{server} does not respond: {text}") from None
    except ValueError:
        raise UnreachableError(f"{server}: the response is not JSON, perhaps a login page") from None


def _error_message(error: HTTPError) -> str:
    """Return the message of Prometheus, or the status of a proxy before it."""
    try:
        return " ".join(str(json.load(error)["error"]).split())
    except (ValueError, KeyError, TypeError, OSError):
        return f"status {error.code} {error.reason}"
