"""Firings of alerts, from the series that Prometheus records for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from catalogue.platform import CATALOGUE_LABEL
from operations.review.prometheus import Series

STEP_SECONDS: Final = 60
# An alert that starts again so soon after its end was not over.
FLAP_SECONDS: Final = 3600

# A begin and an end, in seconds since 1970.
Interval = tuple[int, int]


@dataclass(frozen=True)
class Firing:
    """One firing of an alert: from when it fires for one set of labels until it resolves.

    `begin` is its first and `end` its last sample, in seconds since 1970. It lasts at least a step.
    """

    labels: Mapping[str, str]
    begin: int
    end: int

    @property
    def alert(self) -> str:
        """Return the name of the alert."""
        return self.labels.get("alertname", "")

    @property
    def severity(self) -> str:
        """Return the severity; empty if the alert has none."""
        return self.labels.get("severity", "")

    @property
    def area(self) -> str:
        """Return the area of the catalogue, or `other` for rules of other teams."""
        return self.labels.get("area", "other")

    @property
    def pages(self) -> bool:
        """Return whether the alert pages unless it is inhibited or silenced: critical alerts of the catalogue do."""
        label, value = CATALOGUE_LABEL
        return self.severity == "critical" and self.labels.get(label) == value

    @property
    def seconds(self) -> int:
        """Return how long it lasts."""
        return self.end - self.begin + STEP_SECONDS


def firings(series: Iterable[Series]) -> list[Firing]:
    """Return the firings in a series per alert and set of labels, in the order of time."""
    found = [Firing(one.labels, begin, end) for one in series for begin, end in runs(sorted(one.values), STEP_SECONDS)]
    return sorted(found, key=lambda firing: (firing.begin, sorted(firing.labels.items())))


def by_alert(found: Iterable[Firing]) -> dict[str, list[Firing]]:
    """Return the firings by the name of the alert."""
    grouped: dict[str, list[Firing]] = defaultdict(list)
    for firing in found:
        grouped[firing.alert].append(firing)
    return dict(grouped)


def runs(moments: Iterable[int], step: int) -> list[Interval]:
    """Return the intervals in which sorted moments follow each other without a gap."""
    found: list[Interval] = []
    for moment in moments:
        if found and moment - found[-1][1] <= step:
            found[-1] = (found[-1][0], moment)
        else:
            found.append((moment, moment))
    return found


def merged(found: Iterable[Firing]) -> list[Interval]:
    """Return the intervals in which at least one of the firings lasts, with their real ends."""
    return union((firing.begin, firing.begin + firing.seconds) for firing in found)


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the intervals in the order of time, those that overlap or touch as one."""
    joined: list[Interval] = []
    for begin, end in sorted(intervals):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


def seconds_firing(found: Iterable[Firing]) -> int:
    """Return for how long at least one of the firings lasts."""
    return sum(end - begin for begin, end in merged(found))


def flaps(found: Iterable[Firing]) -> int:
    """Return how often an alert started again, for the same labels, soon after it had resolved."""
    by_labels: dict[tuple[tuple[str, str], ...], list[Firing]] = defaultdict(list)
    for firing in found:
        by_labels[tuple(sorted(firing.labels.items()))].append(firing)
    return sum(_flaps_of_one(sorted(each, key=lambda firing: firing.begin)) for each in by_labels.values())


def _flaps_of_one(ordered: Sequence[Firing]) -> int:
    return sum(later.begin - earlier.end <= FLAP_SECONDS for earlier, later in pairwise(ordered))
