"""What Prometheus would store of the synthetic platform, as the input of promtool's rule tests."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from synthetic.scenarios import Scenario
from synthetic.targets import Target
from synthetic.world import World

SCRAPE_SECONDS: Final = 30
HEALTHY_SECONDS: Final = 3600
BEFORE_SECONDS: Final = 1800


def stored(targets: Sequence[Target], scenario: Scenario | None) -> tuple[int, list[dict[str, str]]]:
    """For how many seconds, and each series with its values: an hour in health, or half of one before the scenario."""
    now = 0.0
    world = World(tuple(targets), clock=lambda: now)
    ends = BEFORE_SECONDS + int(scenario.lasts) if scenario else HEALTHY_SECONDS
    values: dict[str, dict[int, float]] = defaultdict(dict)
    for number, moment in enumerate(range(0, ends, SCRAPE_SECONDS)):
        now = float(moment)
        if scenario and moment == BEFORE_SECONDS:
            world.play(scenario)
        for target in targets:
            for name, labels, value in _scraped(world, target):
                values[_written(name, {**target.labels, **labels})][number] = value
    scrapes = range(ends // SCRAPE_SECONDS)
    return ends, [
        {
            "series": series,
            "values": " ".join(f"{found[number]:.15g}" if number in found else "_" for number in scrapes),
        }
        for series, found in values.items()
    ]


def _scraped(world: World, target: Target) -> list[tuple[str, Any, float]]:
    reachable = world.reachable(target)
    samples = [sample for _, found in world.samples(target) for sample in found] if reachable else []
    return [("up", {}, float(reachable)), *samples]


def _written(name: str, labels: dict[str, str]) -> str:
    written = ",".join(f'{label}="{value}"' for label, value in labels.items() if value)
    return f"{name}{{{written}}}"
