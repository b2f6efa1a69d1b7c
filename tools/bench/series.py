"""Series of the synthetic platform, repeated up to a given number."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from synthetic import targets
from synthetic.targets import Target
from synthetic.world import World

# Additional series of a cluster.
CLUSTER: Final = Path(__file__).with_name("cluster.yaml")
# Labels of the objects that are repeated.
_MULTIPLIED: Final = frozenset(
    {
        "created_by_name",
        "daemonset",
        "deployment",
        "horizontalpodautoscaler",
        "instance",
        "node",
        "owner_name",
        "persistentvolumeclaim",
        "pod",
        "replicaset",
        "resourcequota",
        "statefulset",
    }
)


@dataclass(frozen=True)
class Stored:
    """A series: labels with its name, and samples by milliseconds since 1970."""

    labels: Mapping[str, str]
    samples: Sequence[tuple[int, float]]


def generate_series(count: int, *, end: int, seconds: int, step: int) -> Iterator[Stored]:
    """Yield `count` series with a sample every `step` seconds.

    They cover the `seconds` before `end`, which is in seconds since 1970.
    """
    kinds = (*targets.load(), *targets.load(CLUSTER))
    moments = range(end - seconds, end + 1, step)
    once = [one for target in kinds for one in _of(target, moments)]
    for copy in itertools.count():
        for one in once[: max(0, count - copy * len(once))]:
            yield replace(one, labels={name: _copied(name, value, copy) for name, value in one.labels.items()})
        if (copy + 1) * len(once) >= count:
            return


def _copied(name: str, value: str, copy: int) -> str:
    return f"{value}-{copy}" if name in _MULTIPLIED else value


def _of(target: Target, moments: range) -> Iterator[Stored]:
    now = float(moments.start)
    world = World((target,), clock=lambda: now)
    samples: dict[tuple[tuple[str, str], ...], list[tuple[int, float]]] = {}
    for moment in moments:
        now = float(moment)
        for name, labels, value in [("up", {}, 1.0), *(each for _, found in world.samples(target) for each in found)]:
            all_labels = {"__name__": name, **target.labels, **labels}
            key = tuple(sorted((label, text) for label, text in all_labels.items() if text))
            samples.setdefault(key, []).append((moment * 1000, value))
    for key, found in samples.items():
        yield Stored(dict(key), found)
