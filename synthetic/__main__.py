"""Serve the synthetic platform on loopback until interrupted: `python -m synthetic`."""

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
@click.option("--port", default=0, help="Port on loopback; a free one without it.")
@click.option("--speed", default=1.0, help="How many of its seconds pass in one of the wall's clock.")
@click.option("--scenario", help="A file of synthetic/scenarios, without its ending; without it all is well.")
@click.option("--after", default="0s", help="How long all is well before the scenario, on its own clock.")
def main(port: int, speed: float, scenario: str | None, after: str) -> None:
    """Serve a page of metrics for each target of the synthetic platform, and the list of them for http_sd_configs."""
    try:
        steady = targets.load()
        known = scenarios.load(steady)
    except CatalogueError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    if scenario and scenario not in known:
        raise click.UsageError(f"no scenario {scenario}; there are {', '.join(known)}")
    world = World(steady, speed=speed)
    with contextlib.suppress(KeyboardInterrupt), serve(world, port) as address:
        for target in steady:
            click.echo(f"{address}{target.path}")
        click.echo(f"{address}{TARGETS}")
        if scenario:
            time.sleep(parse_duration(after) / speed)
            lasts = world.play(known[scenario])
            click.echo(f"{known[scenario].summary} {lasts:.0f} s")
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    main(prog_name="python -m synthetic")
