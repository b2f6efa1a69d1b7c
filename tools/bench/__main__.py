"""Command line of the rule benchmark: `python -m tools.bench`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from catalogue.stack import for_stack
from local.processes import ProcessError
from local.tools.build import BuildError, ensure_tools
from tools.bench.default_rules import CHART, default_rules
from tools.bench.evaluation import Measurement, measure
from tools.bench.filled import BenchError

CATALOGUE: Final = "this catalogue"
UPSTREAM: Final = f"default rules of {CHART}"


@click.command()
@click.option("--series", default=100_000, show_default=True, help="Number of series in Prometheus.")
@click.option(
    "--charts",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of upstream charts, to compare with their default rules.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(series: int, charts: Path | None, as_json: bool) -> None:
    """Measure the evaluation of all rules of the catalogue.

    With --charts, also measure the default rules of kube-prometheus-stack.
    """
    progress = Console(stderr=True)
    try:
        ensure_tools(progress)
        sets = {CATALOGUE: for_stack().render(runbook_base="", grafana_base="")}
        if charts:
            ensure_tools(progress, "comparison")
            sets[UPSTREAM] = default_rules(charts)
        measured = []
        for name, rules in sets.items():
            groups = sum(len(file["groups"]) for file in rules.values())
            progress.print(f"{name}: writing {series} series, then evaluating {groups} groups")
            measured.append(measure(name, rules, series))
    except (BenchError, BuildError, ProcessError) as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in measured], indent=2))
    else:
        # Fixed width for piped output; the group names of the chart are long.
        Console(highlight=False, width=None if sys.stdout.isatty() else 240).print(_table(measured))


def _table(measured: list[Measurement]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="")
    for heading in ("RULES OF", "GROUPS", "RULES", "SERIES", "TOTAL", "SLOWEST GROUP", "", "MEMORY"):
        table.add_column(heading, no_wrap=True)
    for one in measured:
        numbers = (str(one.groups), str(one.rules), str(one.series), f"{one.seconds * 1000:.0f} ms")
        slowest = (one.slowest_group, f"{one.slowest_seconds * 1000:.0f} ms")
        table.add_row(one.name, *numbers, *slowest, f"{one.memory_bytes / 1e6:.0f} MB")
    return table


if __name__ == "__main__":
    main(prog_name="python -m tools.bench")
