"""Command line of the fuzz tests: `python -m tools.fuzz [--mutants N] [--seed N] [--json]`."""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from local.tools.toolset import set_folder
from preflight.rendered_files import missing_tools
from tools.fuzz.figures import Figures
from tools.fuzz.session import fuzz

MUTANTS: Final = 2_000
_REPORT_EVERY: Final = 100
_SHOWN_FAILURES: Final = 10


@click.command()
@click.option("--mutants", type=click.IntRange(5), default=MUTANTS, show_default=True, help="Number of mutants.")
@click.option("--seed", type=int, help="Number that determines the mutants; by default another one per run.")
@click.option("--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, show_default=True, help="Parallel runs.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; progress goes to standard error.")
def main(mutants: int, seed: int | None, jobs: int, as_json: bool) -> None:
    """Mutate stack files, rules, objectives, contract and templates; each must work or be refused clearly."""
    progress = Console(stderr=True, highlight=False)
    os.environ["PATH"] = f"{set_folder() / 'bin'}{os.pathsep}{os.environ['PATH']}"
    if missing := missing_tools():
        raise click.UsageError(f"{' and '.join(missing)} not found; run `make tools`")
    seed = random.randrange(2**32) if seed is None else seed
    progress.print(f"seed {seed}, {mutants} mutants")

    def report(figures: Figures) -> None:
        if (tried := figures.tried.total()) % _REPORT_EVERY == 0:
            progress.print(f"{tried} of {mutants} tried, {len(figures.failed)} failed")

    figures = fuzz(mutants, seed=seed, jobs=jobs, report=report)
    if as_json:
        click.echo(json.dumps({"seed": seed, **figures.as_dict()}, indent=2))
    else:
        Console(highlight=False).print(_table(figures))
    _print_failures(figures, progress)
    sys.exit(0 if figures.good else 1)


def _table(figures: Figures) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in figures.as_dict().items():
        text = ", ".join(f"{key} {number}" for key, number in value.items()) if isinstance(value, dict) else value
        table.add_row(name, str(text))
    return table


def _print_failures(figures: Figures, console: Console) -> None:
    """Print the first failures, and write their mutants to files."""
    if not figures.failed:
        return
    folder = Path(tempfile.mkdtemp(prefix="mutants-"))
    for number, (mutant, trial) in enumerate(figures.failed[:_SHOWN_FAILURES]):
        path = folder / f"{number}-{mutant.file}"
        path.write_bytes(mutant.content)
        reason = trial.traceback.strip() or "\n".join(map(repr, trial.problems[:3]))
        usage = f"{trial.seconds:.1f} s, {trial.megabytes:.0f} MB"
        console.print(f"{trial.fault}: {path} ({usage})\n{reason[-2_000:]}", markup=False)


if __name__ == "__main__":
    main(prog_name="python -m tools.fuzz")
