"""The synthetic platform at a moment: every target's page, whatever scenarios are played."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from synthetic.behaviour import Segment, bucket_count, counter_value, gauge_value, histogram_sum
from synthetic.scenarios import Change, Scenario
from synthetic.targets import Labels, Series, Target

Sample = tuple[str, Labels, float]


@dataclass(frozen=True)
class _ActiveScenario:
    scenario: Scenario
    since: float


class World:
    """Targets whose clock runs `speed` times as fast as the wall's: counters rise faster, scenarios are over sooner.

    Over a window that is shorter by that factor, `increase` says what it would say unscaled; `rate` says so much more.
    """

    def __init__(
        self, targets: tuple[Target, ...], *, speed: float = 1, clock: Callable[[], float] = time.time
    ) -> None:
        """Begin with every counter at 0."""
        self.targets = targets
        self.speed = speed
        self._clock = clock
        self._began = clock()
        self._played: tuple[_ActiveScenario, ...] = ()

    def elapsed(self) -> float:
        """Return the seconds on the world's own clock since it began."""
        return (self._clock() - self._began) * self.speed

    def play(self, scenario: Scenario) -> float:
        """Let a scenario begin now; return in how many seconds of the wall's clock it is over."""
        self._played = (*self._played, _ActiveScenario(scenario, self.elapsed()))
        return scenario.lasts / self.speed

    def reachable(self, target: Target) -> bool:
        """Tell whether a target answers."""
        elapsed = self.elapsed()
        return not any(start <= elapsed < end for change, start, end in self._changes(target) if change.metric is None)

    def samples(self, target: Target) -> Iterator[tuple[Series, list[Sample]]]:
        """Return what each series of a target exposes now."""
        elapsed, now = self.elapsed(), self._clock()
        changes = self._changes(target)
        for series in target.series:
            altering = [change for change in changes if change[0].alters(series)]
            yield series, list(_samples(series, _segments(series, altering, elapsed), now))

    def _changes(self, target: Target) -> list[tuple[Change, float, float]]:
        return [
            (change, playing.since + change.start, playing.since + change.end)
            for playing in self._played
            for change in playing.scenario.changes
            if change.concerns(target)
        ]


def _segments(series: Series, changes: list[tuple[Change, float, float]], elapsed: float) -> list[Segment]:
    """Return the courses that a series took so far; of two changes at once, the later one counts."""
    if not changes:
        return [(series.steady, elapsed)]
    moments = {0.0, elapsed, *(moment for _, start, end in changes for moment in (start, end) if moment < elapsed)}
    stretches: list[Segment] = [(series.steady, 0)]
    ordered = sorted(moments)
    for begin, end in itertools.pairwise(ordered):
        course = series.steady
        for change, start, stop in changes:
            if start <= begin < stop:
                course = change.applied(series.steady)
        if stretches[-1][0] == course:
            stretches[-1] = (course, stretches[-1][1] + end - begin)
        else:
            stretches.append((course, end - begin))
    return stretches


def _samples(series: Series, stretches: list[Segment], now: float) -> Iterator[Sample]:
    name, labels = series.name, series.labels
    if series.kind == "counter":
        yield name, labels, counter_value(stretches)
    elif series.kind == "gauge":
        yield name, labels, gauge_value(stretches, now)
    else:
        for bound in (*series.buckets, float("inf")):
            le = "+Inf" if bound == float("inf") else f"{bound:g}"
            yield f"{name}_bucket", {**labels, "le": le}, bucket_count(stretches, bound)
        yield f"{name}_sum", labels, histogram_sum(stretches)
        yield f"{name}_count", labels, bucket_count(stretches, float("inf"))
