"""Series of the synthetic platform as input for promtool rule tests."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from synthetic.scenarios import Scenario
from synthetic.targets import Target
from synthetic.world import World

SCRAPE_SECONDS: Final = 30


def simulate(
    targets: Sequence[Target], scenario: Scenario | None, *, healthy: int, step: int = SCRAPE_SECONDS
) -> tuple[int, list[dict[str, str]]]:
    """Return duration and series of `healthy` seconds and then the scenario."""
    now = 0.0
    world = World(tuple(targets), clock=lambda: now)
    ends = healthy + int(scenario.duration if scenario else 0)
    values: dict[str, dict[int, float]] = defaultdict(dict)
    for number, moment in enumerate(range(0, ends, step)):
        now = float(moment)
        if scenario and moment == healthy:
            world.start(scenario)
        for target in targets:
            if not world.exists(target):
                continue
            for name, labels, value in _scrape(world, target):
                values[_series_name(name, {**target.labels, **labels})][number] = value
    scrapes = range(ends // step)
    return ends, [
        {
            "series": series,
            "values": " ".join(_value(found, number) for number in scrapes),
        }
        for series, found in values.items()
    ]


def _value(found: dict[int, float], number: int) -> str:
    if number in found:
        return f"{found[number]:.15g}"
    # As Prometheus marks a series that ended.
    return "stale" if number - 1 in found else "_"


def _scrape(world: World, target: Target) -> list[tuple[str, Any, float]]:
    reachable = world.reachable(target)
    samples = [sample for _, found in world.samples(target) for sample in found] if reachable else []
    return [("up", {}, float(reachable)), *samples]


def _series_name(name: str, labels: dict[str, str]) -> str:
    pairs = ",".join(f'{label}="{value}"' for label, value in labels.items() if value)
    return f"{name}{{{pairs}}}"
