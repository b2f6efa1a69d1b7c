"""Command line of the killed deployments: `python -m tools.interruptions`."""

from __future__ import annotations

import json
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from local.control_plane.lifecycle import KubectlError
from local.deploy.charts import choose_chart_source, provide_charts
from local.environment import CHARTS
from local.processes import ProcessError
from local.tools.build import BuildError, ensure_tools
from tools.checkout import Checkout
from tools.interruptions.trial import (
    API_SERVER,
    ENGINE,
    Trial,
    deploy,
    deploy_earlier,
    deploy_update,
    objects,
    run_trial,
)

# A trial is repeated if the deployment has ended before the kill.
_ATTEMPTS: Final = 3


@click.command()
@click.option("--engine", default=10, show_default=True, help="Deployments during which the engine is killed.")
@click.option("--api-server", default=3, show_default=True, help="Deployments during which the API server is killed.")
@click.option("--seed", default=1, show_default=True, help="Seed of the random points.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(engine: int, api_server: int, seed: int, as_json: bool) -> None:
    """Kill first deployments and upgrades at random points, and complete each with plain `pulumi up`.

    If that fails, with `make recover` and another `pulumi up`.
    """
    progress = Console(stderr=True, highlight=False, soft_wrap=True)
    chance = random.Random(seed)
    trials: list[Trial] = []
    try:
        ensure_tools(progress)
        with _control_plane() as checkout:
            deploy_earlier(checkout)
            update = deploy_update(checkout)
            expected = objects(checkout)
        with _control_plane() as checkout:
            durations = (deploy(checkout), update)
        progress.print(f"uninterrupted: {durations[0]:.0f} s, upgrade {durations[1]:.0f} s; {len(expected)} objects")
        for number, killed in enumerate([*[ENGINE] * engine, *[API_SERVER] * api_server]):
            is_update = bool(number % 2)
            part = chance.uniform(0.02, 0.98)
            for _ in range(_ATTEMPTS):
                with _control_plane() as checkout:
                    trial = run_trial(checkout, killed, part * durations[is_update], expected, update=is_update)
                progress.print(_line(trial))
                if trial.hit:
                    break
                # It had ended before: on a shared machine, durations differ.
                part /= 2
            trials.append(trial)
    except (BuildError, KubectlError, ProcessError, RuntimeError) as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    if as_json:
        click.echo(json.dumps([asdict(each) for each in trials], indent=2))
    else:
        # Piped output is not truncated to the width of a terminal.
        Console(highlight=False, width=None if sys.stdout.isatty() else 200).print(_table(trials))
    sys.exit(0 if all(each.good for each in trials) else 1)


@contextmanager
def _control_plane() -> Iterator[Checkout]:
    """Yield a checkout with an empty cluster of simulated nodes, and the Secrets that the settings name."""
    folder = Path(tempfile.mkdtemp())
    checkout = Checkout(folder / "checkout")
    try:
        provide_charts(checkout.charts, choose_chart_source(CHARTS, None))
        checkout.control_plane.start()
        checkout.control_plane.apply_external_objects()
        checkout.deployment.select()
        yield checkout
    finally:
        checkout.control_plane.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _line(trial: Trial) -> str:
    if not trial.interrupted:
        return (
            f"{trial.killed} killed after {trial.seconds:.1f} s: the deployment had ended, so nothing was interrupted"
        )
    outcome = "as planned" if trial.good else "NOT as planned"
    how = "after make recover" if trial.recovered else "with pulumi up alone"
    what = "an upgrade" if trial.update else "a first deployment"
    return f"{trial.killed} killed {trial.seconds:.1f} s after the start of {what}: {outcome}, {how}"


def _table(trials: list[Trial]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="")
    for heading in (
        "KILLED",
        "DURING",
        "AFTER",
        "INTERRUPTED",
        "COMPLETED",
        "RECOVER",
        "UNCHANGED",
        "MISSING",
        "ORPHANS",
    ):
        table.add_column(heading, no_wrap=True)
    for each in trials:
        answers = (
            "yes" if each.interrupted else "no",
            "yes" if each.completed else "NO",
            "needed" if each.recovered else "not needed",
        )
        counts = ("yes" if each.unchanged else "NO", str(len(each.missing)), str(len(each.orphans)))
        table.add_row(each.killed, "upgrade" if each.update else "first", f"{each.seconds:.1f} s", *answers, *counts)
    return table


if __name__ == "__main__":
    main(prog_name="python -m tools.interruptions")
