"""What a scenario came to: which alerts were heard of, where and how soon, and whether that is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

State = Literal["delivered", "muted", "astray", "silent"]


@dataclass(frozen=True)
class AlertResult:
    """What became of one alert; all seconds are those of the wall's clock, from the scenario's beginning.

    Args:
        alert: Its name.
        severity: Its severity.
        wanted: Where it has to be heard of.
        found: When it was first heard of, by address.
        muted_by: The alerts that muted it, as Alertmanager has it.
        floor: No message can come sooner after the problem shows: duration, scrape, evaluation, wait of the group.
    """

    alert: str
    severity: str
    wanted: frozenset[str]
    found: Mapping[str, float]
    muted_by: tuple[str, ...]
    floor: float

    @property
    def state(self) -> State:
        """Delivered to exactly whom it is for, muted by another alert, gone astray, or not heard of at all."""
        if self.wanted and set(self.found) == self.wanted:
            return "delivered"
        if self.found:
            return "astray"
        return "muted" if self.muted_by else "silent"

    @property
    def reached(self) -> bool:
        """Whether all is as it should be."""
        return self.state in ("delivered", "muted")

    @property
    def first(self) -> float | None:
        """When anybody first heard of it."""
        return min(self.found.values(), default=None)


@dataclass(frozen=True)
class Outcome:
    """One scenario's: `expected` alerts, `unexpected` ones, and what Prometheus could not evaluate."""

    scenario: str
    summary: str
    speed: float
    expected: tuple[AlertResult, ...]
    unexpected: tuple[AlertResult, ...]
    problems: tuple[str, ...]
    messages: tuple[Any, ...]

    @property
    def passed(self) -> bool:
        """Whether everybody heard what they should, and nothing else."""
        return not self.unexpected and not self.problems and all(heard.reached for heard in self.expected)

    def as_dict(self) -> dict[str, Any]:
        """The outcome for a machine to read; seconds are those of the wall's clock, `unscaled` what they stand for."""
        return {
            "scenario": self.scenario,
            "speed": self.speed,
            "passed": self.passed,
            "problems": list(self.problems),
            "expected": [_row(heard, self.speed) for heard in self.expected],
            "unexpected": [_row(heard, self.speed) for heard in self.unexpected],
        }


def _row(heard: AlertResult, speed: float) -> dict[str, Any]:
    return {
        "alert": heard.alert,
        "severity": heard.severity,
        "state": heard.state,
        "wanted": sorted(heard.wanted),
        "seconds": {address: round(at, 2) for address, at in sorted(heard.found.items())},
        "unscaled": None if heard.first is None else round(heard.first * speed),
        "floor": round(heard.floor, 2),
        "muted_by": list(heard.muted_by),
    }
