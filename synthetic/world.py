"""State of the synthetic platform at a point in time, including active scenarios."""

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
    started: float


class World:
    """Targets on a clock that runs `speed` times as fast as real time.

    With windows shortened by this factor, `increase` gives the same value as at normal speed, `rate` a value that is
    `speed` times as high.
    """

    def __init__(
        self, targets: tuple[Target, ...], *, speed: float = 1, clock: Callable[[], float] = time.time
    ) -> None:
        """Start with every counter at 0."""
        self.targets = targets
        self.speed = speed
        self._clock = clock
        self._started = clock()
        self._active: tuple[_ActiveScenario, ...] = ()

    def elapsed(self) -> float:
        """Return the simulated seconds since the start."""
        return (self._clock() - self._started) * self.speed

    def start(self, scenario: Scenario) -> float:
        """Start a scenario; return its duration in real seconds."""
        self._active = (*self._active, _ActiveScenario(scenario, self.elapsed()))
        return scenario.duration / self.speed

    def reachable(self, target: Target) -> bool:
        """Return whether a target can be scraped."""
        return not any(change.metric is None for change in self._active_changes(target))

    def exists(self, target: Target) -> bool:
        """Return whether service discovery finds a target."""
        return not any(change.gone for change in self._active_changes(target))

    def samples(self, target: Target) -> Iterator[tuple[Series, list[Sample]]]:
        """Yield each series of a target with its current samples."""
        elapsed, now = self.elapsed(), self._clock()
        changes = self._changes(target)
        for series in target.series:
            affecting = [change for change in changes if change[0].affects(series)]
            yield series, list(_samples(series, _segments(series, affecting, elapsed), now))

    def _active_changes(self, target: Target) -> list[Change]:
        elapsed = self.elapsed()
        return [change for change, start, end in self._changes(target) if start <= elapsed < end]

    def _changes(self, target: Target) -> list[tuple[Change, float, float]]:
        return [
            (change, active.started + change.start, active.started + change.end)
            for active in self._active
            for change in active.scenario.changes
            if change.matches(target)
        ]


def _segments(series: Series, changes: list[tuple[Change, float, float]], elapsed: float) -> list[Segment]:
    """Return the behaviours of a series so far.

    Of overlapping changes, the last one wins.
    """
    if not changes:
        return [(series.steady, elapsed)]
    moments = {0.0, elapsed, *(moment for _, start, end in changes for moment in (start, end) if moment < elapsed)}
    segments: list[Segment] = [(series.steady, 0)]
    ordered = sorted(moments)
    for begin, end in itertools.pairwise(ordered):
        behaviour = series.steady
        for change, start, stop in changes:
            if start <= begin < stop:
                behaviour = change.apply(series.steady)
        if segments[-1][0] == behaviour:
            segments[-1] = (behaviour, segments[-1][1] + end - begin)
        else:
            segments.append((behaviour, end - begin))
    return segments


def _samples(series: Series, segments: list[Segment], now: float) -> Iterator[Sample]:
    name, labels = series.name, series.labels
    if series.kind == "counter":
        yield name, labels, counter_value(segments)
    elif series.kind == "gauge":
        yield name, labels, gauge_value(segments, now)
    else:
        for bound in (*series.buckets, float("inf")):
            le = "+Inf" if bound == float("inf") else f"{bound:g}"
            yield f"{name}_bucket", {**labels, "le": le}, bucket_count(segments, bound)
        yield f"{name}_sum", labels, histogram_sum(segments)
        yield f"{name}_count", labels, bucket_count(segments, float("inf"))
