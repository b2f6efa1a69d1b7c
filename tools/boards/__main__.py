"""Report on the dashboards, which fails on any problem: `python -m tools.boards [--json]`."""

import json
import sys

import click
from rich.console import Console
from rich.table import Table

from common.problems import CatalogueError
from local.processes import ProcessError
from tools.boards.lint import findings
from tools.boards.query_results import DAYS, query_results
from tools.boards.report import Report, report
from tools.stored_days import serve, stored_days

console = Console(highlight=False, soft_wrap=True, markup=False, width=None if sys.stdout.isatty() else 200)
progress = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


@click.command()
@click.option("--json", "for_machines", is_flag=True, help="Print the figures as JSON.")
def main(for_machines: bool) -> None:
    """Print boards, panels, targets, metrics, lint findings, and targets with data on the stored days."""
    try:
        with serve(progress.print) as address:
            stored = stored_days()
            result = report(findings(), {day: query_results(address, stored[day]) for day in DAYS})
    except (CatalogueError, ProcessError) as error:
        progress.print(str(error))
        sys.exit(1)
    if for_machines:
        click.echo(json.dumps(result.plain(), indent=2))
    else:
        _print(result)
    sys.exit(1 if result.problems else 0)


def _print(result: Report) -> None:
    table = Table(box=None, pad_edge=False, header_style="")
    table.add_column("BOARD")
    for heading in ("PANELS", "TARGETS", "METRICS", "FINDINGS"):
        table.add_column(heading, justify="right")
    for day in DAYS:
        table.add_column(f"WITH DATA, {day.upper()}")
    for board in result.boards:
        figures = (board.panels, board.targets, board.metrics, board.findings)
        table.add_row(board.uid, *map(str, figures), *(str(board.coverage[day]) for day in DAYS))
    sums = [sum(getattr(board, name) for board in result.boards) for name in ("panels", "targets", "findings")]
    total = (sums[0], sums[1], result.metrics, sums[2])
    table.add_row("all", *map(str, total), *(str(result.coverage(day)) for day in DAYS))
    console.print(table)
    summary = f"{len(result.problems)} problems" if result.problems else "no problems"
    console.print(*result.problems, summary, sep="\n")


if __name__ == "__main__":
    main()
