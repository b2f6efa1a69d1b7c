"""Outcome of a drill scenario: which alerts were delivered, where and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

State = Literal["delivered", "muted", "misrouted", "not delivered"]


@dataclass(frozen=True)
class AlertResult:
    """Result of one alert; all times are real seconds since the start of the scenario.

    Attributes:
        alert: Name of the alert.
        severity: Severity of the alert.
        expected_at: Addresses at which it must arrive.
        arrivals: Time of the first message, by address.
        muted_by: Alerts that inhibit it, according to Alertmanager.
        minimum_delay: Shortest possible delay: duration, scrape, evaluation and group wait.
    """

    alert: str
    severity: str
    expected_at: frozenset[str]
    arrivals: Mapping[str, float]
    muted_by: tuple[str, ...]
    minimum_delay: float

    @property
    def state(self) -> State:
        """Return whether it was delivered, misrouted, muted or not delivered."""
        if self.expected_at and set(self.arrivals) == self.expected_at:
            return "delivered"
        if self.arrivals:
            return "misrouted"
        return "muted" if self.muted_by else "not delivered"

    @property
    def correct(self) -> bool:
        """Return whether it was delivered as expected or muted."""
        return self.state in ("delivered", "muted")

    @property
    def first(self) -> float | None:
        """Return the time of the first message."""
        return min(self.arrivals.values(), default=None)


@dataclass(frozen=True)
class Outcome:
    """Outcome of a scenario: alerts, messages, and problems of evaluations."""

    scenario: str
    summary: str
    speed: float
    expected: tuple[AlertResult, ...]
    unexpected: tuple[AlertResult, ...]
    problems: tuple[str, ...]
    messages: tuple[Any, ...]

    @property
    def passed(self) -> bool:
        """Return whether every expected alert is correct and there are no others."""
        return not self.unexpected and not self.problems and all(result.correct for result in self.expected)

    def as_dict(self) -> dict[str, Any]:
        """Return the outcome for JSON.

        `seconds` are real seconds, `unscaled` those at normal speed.
        """
        return {
            "scenario": self.scenario,
            "speed": self.speed,
            "passed": self.passed,
            "problems": list(self.problems),
            "expected": [_row(result, self.speed) for result in self.expected],
            "unexpected": [_row(result, self.speed) for result in self.unexpected],
        }


def _row(result: AlertResult, speed: float) -> dict[str, Any]:
    return {
        "alert": result.alert,
        "severity": result.severity,
        "state": result.state,
        "wanted": sorted(result.expected_at),
        "seconds": {address: round(at, 2) for address, at in sorted(result.arrivals.items())},
        "unscaled": None if result.first is None else round(result.first * speed),
        "floor": round(result.minimum_delay, 2),
        "muted_by": list(result.muted_by),
    }
