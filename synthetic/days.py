"""Days of the synthetic platform as samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final
from zlib import crc32

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from common.durations import parse_duration
from common.problems import CatalogueError, Problem, suggestion
from synthetic import scenarios
from synthetic.files import load_yaml
from synthetic.scenarios import Scenario
from synthetic.targets import Labels, Series, Target
from synthetic.world import World

FILE: Final = Path(__file__).with_name("days.yaml")
# Fixed, so that results can be committed and compared.
START: Final = int(datetime(2026, 3, 10, tzinfo=UTC).timestamp())
DAY: Final = 24 * 3600
WEEK: Final = 7 * DAY
# Twice the interval of the platform, for half the samples: no rule or panel reads a window under two minutes.
SCRAPE_SECONDS: Final = 60
_SCRAPE_DURATION_SECONDS: Final = 0.02
_SCRAPE_SIZES: Final = {
    "scrape_samples_post_metric_relabeling": 5_000.0,
    "scrape_sample_limit": 1_000_000.0,
    "scrape_body_size_bytes": 800_000.0,
}
_HOUR: Final = 3600

_STRICT: Final = ConfigDict(frozen=True, extra="forbid", strict=True)


class _ScheduledScenario(BaseModel):
    model_config = _STRICT

    scenario: str
    at: str


class _Day(BaseModel):
    model_config = _STRICT

    plays: list[_ScheduledScenario] = Field(default_factory=list)
    changes: list[dict[str, Any]] = Field(default_factory=list)
    expects: list[str] = Field(default_factory=list)


class _File(BaseModel):
    model_config = _STRICT

    traffic: list[float] = Field(min_length=24, max_length=24)
    busy: list[str]
    follows: list[str]
    wavers: list[str]
    noise: float = Field(ge=0, lt=1)
    days: dict[str, _Day]


@dataclass(frozen=True)
class Sample:
    """A value of a series; `moment` is in seconds since 1970."""

    name: str
    labels: Labels
    moment: int
    value: float


@dataclass(frozen=True)
class Day:
    """A day of the synthetic platform.

    Attributes:
        name: Name of the day.
        scenarios: Scenarios with their start, in seconds since the start of the day.
        expects: Alerts that fire during the day, without the heartbeat.
        profile: Daily traffic and noise.
    """

    name: str
    scenarios: tuple[tuple[int, Scenario], ...]
    expects: frozenset[str]
    profile: _File

    def samples(self, targets: Sequence[Target], begins: int = START) -> Iterator[Sample]:
        """Yield the samples that Prometheus would store, in the order of time."""
        now = float(begins)
        world = World(tuple(targets), clock=lambda: now)
        variations = [_DailyVariation(self.profile, target) for target in targets]
        for elapsed in range(0, DAY, SCRAPE_SECONDS):
            now = float(begins + elapsed)
            for at, scenario in self.scenarios:
                if at == elapsed:
                    world.start(scenario)
            for number, (target, variation) in enumerate(zip(targets, variations, strict=True), 1):
                # Prometheus sets the label `instance` to the address if the target has none.
                found = {"instance": f"192.0.2.{number}:8080", **target.labels}
                for name, labels, value in variation.scrape(world, elapsed):
                    yield Sample(name, {**found, **labels}, begins + elapsed, value)


def load(targets: Sequence[Target], path: Path = FILE) -> dict[str, Day]:
    """Load the days of a file, by name.

    Raises:
        CatalogueError: with every problem in it.
    """
    file = load_yaml(path, TypeAdapter(_File))
    known = scenarios.load(targets)
    kinds = {target.kind for target in targets}
    problems = [Problem(f"{path.name}: busy", kind, suggestion(kind, kinds)) for kind in file.busy if kind not in kinds]
    days: dict[str, Day] = {}
    for name, day in file.days.items():
        scheduled: list[tuple[int, Scenario]] = []
        for row in day.plays:
            key = f"{path.name}: days.{name}.{row.scenario}"
            if row.scenario not in known:
                problems.append(Problem(key, "an unknown scenario", suggestion(row.scenario, known)))
            elif parse_duration(row.at) % SCRAPE_SECONDS or not 0 <= parse_duration(row.at) < DAY:
                problems.append(Problem(key, row.at, f"a time of the day in multiples of {SCRAPE_SECONDS} s"))
            else:
                scheduled.append((int(parse_duration(row.at)), known[row.scenario]))
        if day.changes:
            content = {"summary": name, "lasts": "24h", "expects": [], "changes": day.changes}
            scheduled.append((0, scenarios.parse(f"{path.name}: days.{name}", content, targets)))
        days[name] = Day(name, tuple(scheduled), frozenset(day.expects), file)
    if problems:
        raise CatalogueError(problems)
    return days


class _DailyVariation:
    """Variation of the series of a target over a day.

    It tracks the value of each counter.
    """

    def __init__(self, profile: _File, target: Target) -> None:
        self._profile = profile
        self._target = target
        self._busy = target.kind in profile.busy
        self._random = Random(crc32(target.path.encode()))
        self._steady_values: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
        self._values: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}

    def scrape(self, world: World, elapsed: int) -> Iterator[tuple[str, Labels, float]]:
        """Yield the samples of one scrape, including those that Prometheus adds."""
        reachable = world.reachable(self._target)
        yield "up", {}, float(reachable)
        yield "scrape_duration_seconds", {}, _SCRAPE_DURATION_SECONDS * self._noise() if reachable else 10
        if not reachable:
            return
        for name, value in _SCRAPE_SIZES.items():
            yield name, {}, value
        traffic = self._traffic(elapsed) if self._busy else 1.0
        for series, found in world.samples(self._target):
            factor = traffic * self._noise()
            for name, labels, value in found:
                if series.kind == "gauge":
                    yield name, labels, self._gauge(series, value, factor)
                else:
                    yield name, labels, self._counter(name, labels, value, factor)

    def _noise(self) -> float:
        return 1 + self._random.uniform(-self._profile.noise, self._profile.noise)

    def _traffic(self, elapsed: int) -> float:
        hour, into = divmod(elapsed, _HOUR)
        here, there = self._profile.traffic[hour], self._profile.traffic[(hour + 1) % 24]
        return here + (there - here) * into / _HOUR

    def _counter(self, name: str, labels: Labels, value: float, factor: float) -> float:
        key = name, tuple(labels.items())
        increase = value - self._steady_values.get(key, 0.0)
        self._steady_values[key] = value
        self._values[key] = self._values.get(key, 0.0) + increase * self._factor(name, factor)
        return self._values[key]

    def _factor(self, name: str, factor: float) -> float:
        # The CPU seconds of all modes add up to the elapsed time.
        return 1.0 if name == "node_cpu_seconds_total" else factor

    def _gauge(self, series: Series, value: float, factor: float) -> float:
        # A value that a scenario sets is exact: 20 of 20 connections must stay 20.
        if value != series.steady.value:
            return value
        if self._busy and series.name in self._profile.follows:
            varied = value * factor
        elif series.name in self._profile.wavers:
            varied = value * self._noise()
        else:
            return value
        return float(round(varied)) if value.is_integer() else varied
