"""Days of the synthetic platform, sample by sample: a healthy one, and one on which much goes wrong."""

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
START: Final = int(datetime(2026, 3, 10, tzinfo=UTC).timestamp())
"""A day is always the same one, so that what is made of it can be kept and compared."""
DAY: Final = 24 * 3600
WEEK: Final = 7 * DAY
SCRAPE_SECONDS: Final = 30
_SCRAPED_SECONDS: Final = 0.02
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
    """One value of one series, `moment` in seconds since 1970."""

    name: str
    labels: Labels
    moment: int
    value: float


@dataclass(frozen=True)
class Day:
    """A day by name; `plays` are its scenarios, each with the second of the day from which on it is played.

    `expects` are the alerts that fire then, the heartbeat aside.
    """

    name: str
    plays: tuple[tuple[int, Scenario], ...]
    expects: frozenset[str]
    course: _File

    def samples(self, targets: Sequence[Target], begins: int = START) -> Iterator[Sample]:
        """Give what Prometheus would store of the day, in the order of time."""
        now = float(begins)
        world = World(tuple(targets), clock=lambda: now)
        shapes = [_DailyVariation(self.course, target) for target in targets]
        for elapsed in range(0, DAY, SCRAPE_SECONDS):
            now = float(begins + elapsed)
            for at, scenario in self.plays:
                if at == elapsed:
                    world.play(scenario)
            for number, (target, shape) in enumerate(zip(targets, shapes, strict=True), 1):
                # Prometheus calls an instance after its address where nothing else does.
                found = {"instance": f"192.0.2.{number}:8080", **target.labels}
                for name, labels, value in shape.scraped(world, elapsed):
                    yield Sample(name, {**found, **labels}, begins + elapsed, value)


def load(targets: Sequence[Target], path: Path = FILE) -> dict[str, Day]:
    """Read the days of a file, by name.

    Raises:
        CatalogueError: with every problem in it.
    """
    file = load_yaml(path, TypeAdapter(_File))
    known = scenarios.load(targets)
    kinds = {target.kind for target in targets}
    problems = [Problem(f"{path.name}: busy", kind, suggestion(kind, kinds)) for kind in file.busy if kind not in kinds]
    days: dict[str, Day] = {}
    for name, written in file.days.items():
        plays: list[tuple[int, Scenario]] = []
        for play in written.plays:
            key = f"{path.name}: days.{name}.{play.scenario}"
            if play.scenario not in known:
                problems.append(Problem(key, "unknown", suggestion(play.scenario, known)))
            elif parse_duration(play.at) % SCRAPE_SECONDS or not 0 <= parse_duration(play.at) < DAY:
                problems.append(Problem(key, play.at, f"a time of the day in steps of {SCRAPE_SECONDS} s"))
            else:
                plays.append((int(parse_duration(play.at)), known[play.scenario]))
        if written.changes:
            content = {"summary": name, "lasts": "24h", "expects": [], "changes": written.changes}
            plays.append((0, scenarios.parse(f"{path.name}: days.{name}", content, targets)))
        days[name] = Day(name, tuple(plays), frozenset(written.expects), file)
    if problems:
        raise CatalogueError(problems)
    return days


class _DailyVariation:
    """How the series of one target leave their steady course within a day; keeps where each counter stands."""

    def __init__(self, course: _File, target: Target) -> None:
        self._course = course
        self._target = target
        self._busy = target.kind in course.busy
        self._random = Random(crc32(target.path.encode()))
        self._raw: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
        self._stands: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}

    def scraped(self, world: World, elapsed: int) -> Iterator[tuple[str, Labels, float]]:
        """Give what one scrape stores, what Prometheus itself adds included."""
        reachable = world.reachable(self._target)
        yield "up", {}, float(reachable)
        yield "scrape_duration_seconds", {}, _SCRAPED_SECONDS * self._noise() if reachable else 10
        if not reachable:
            return
        traffic = self._traffic(elapsed) if self._busy else 1.0
        for series, found in world.samples(self._target):
            factor = traffic * self._noise()
            for name, labels, value in found:
                if series.kind == "gauge":
                    yield name, labels, self._gauge(series, value, factor)
                else:
                    yield name, labels, self._risen(name, labels, value, factor)

    def _noise(self) -> float:
        return 1 + self._random.uniform(-self._course.noise, self._course.noise)

    def _traffic(self, elapsed: int) -> float:
        hour, into = divmod(elapsed, _HOUR)
        here, there = self._course.traffic[hour], self._course.traffic[(hour + 1) % 24]
        return here + (there - here) * into / _HOUR

    def _risen(self, name: str, labels: Labels, value: float, factor: float) -> float:
        key = name, tuple(labels.items())
        grown = value - self._raw.get(key, 0.0)
        self._raw[key] = value
        self._stands[key] = self._stands.get(key, 0.0) + grown * self._pace(name, factor)
        return self._stands[key]

    def _pace(self, name: str, factor: float) -> float:
        # The seconds of a processor add up to those that pass, whatever it does.
        return 1.0 if name == "node_cpu_seconds_total" else factor

    def _gauge(self, series: Series, value: float, factor: float) -> float:
        # What a scenario says stands as it is said: 20 of 20 connections are no more and no less.
        if value != series.steady.value:
            return value
        if self._busy and series.name in self._course.follows:
            moved = value * factor
        elif series.name in self._course.wavers:
            moved = value * self._noise()
        else:
            return value
        return float(round(moved)) if value.is_integer() else moved
