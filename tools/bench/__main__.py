"""Print what one evaluation of all rules costs: `python -m bench`."""

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

OURS: Final = "this catalogue"
THEIRS: Final = f"default rules of {CHART}"


@click.command()
@click.option("--series", default=100_000, show_default=True, help="How many series Prometheus has.")
@click.option("--charts", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Folder of charts.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(series: int, charts: Path | None, as_json: bool) -> None:
    """Evaluate all rules of the catalogue, and with charts the default rules beside them, on the same series."""
    progress = Console(stderr=True)
    try:
        ensure_tools(progress)
        sets = {OURS: for_stack().render(runbook_base="", grafana_base="")}
        if charts:
            ensure_tools(progress, "comparison")
            sets[THEIRS] = default_rules(charts)
        measured = []
        for name, rules in sets.items():
            progress.print(
                f"{name}: writing {series} series, then {sum(len(file['groups']) for file in rules.values())} groups"
            )
            measured.append(measure(name, rules, series))
    except (BenchError, BuildError, ProcessError) as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in measured], indent=2))
    else:
        # Piped output keeps its columns; the names of the chart's groups are long.
        Console(highlight=False, width=None if sys.stdout.isatty() else 240).print(_table(measured))


def _table(measured: list[Measurement]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="")
    for heading in ("RULES OF", "GROUPS", "RULES", "SERIES", "ALL", "SLOWEST GROUP", "", "MEMORY"):
        table.add_column(heading, no_wrap=True)
    for one in measured:
        numbers = (str(one.groups), str(one.rules), str(one.series), f"{one.seconds * 1000:.0f} ms")
        slowest = (one.slowest_group, f"{one.slowest_seconds * 1000:.0f} ms")
        table.add_row(one.name, *numbers, *slowest, f"{one.memory_bytes / 1e6:.0f} MB")
    return table


if __name__ == "__main__":
    main(prog_name="python -m bench")
