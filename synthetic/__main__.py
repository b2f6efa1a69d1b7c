"""Server of the synthetic platform on loopback: `python -m synthetic`."""

from __future__ import annotations

import contextlib
import sys
import time

import click

from common.durations import parse_duration
from common.problems import CatalogueError
from synthetic import scenarios, targets
from synthetic.server import TARGETS, serve
from synthetic.world import World


@click.command()
@click.option("--port", default=0, help="Port on loopback; by default a free one.")
@click.option("--speed", default=1.0, help="Simulated seconds per real second.")
@click.option("--scenario", help="Name of a file in synthetic/scenarios; without it the platform stays healthy.")
@click.option("--after", default="0s", help="Simulated time before the scenario starts.")
def main(port: int, speed: float, scenario: str | None, after: str) -> None:
    """Serve a /metrics page per target, and the list of targets for http_sd_configs."""
    try:
        steady = targets.load()
        known = scenarios.load(steady)
    except CatalogueError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    if scenario and scenario not in known:
        raise click.UsageError(f"unknown scenario {scenario}; available: {', '.join(known)}")
    world = World(steady, speed=speed)
    with contextlib.suppress(KeyboardInterrupt), serve(world, port) as address:
        for target in steady:
            click.echo(f"{address}{target.path}")
        click.echo(f"{address}{TARGETS}")
        if scenario:
            time.sleep(parse_duration(after) / speed)
            seconds = world.start(known[scenario])
            click.echo(f"{known[scenario].summary} Ends in {seconds:.0f} s.")
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    main(prog_name="python -m synthetic")
