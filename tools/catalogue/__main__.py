"""Command line of the catalogue report: `python -m tools.catalogue [--json]`."""

import json
import sys

import click
from rich.console import Console
from rich.table import Table

from catalogue import rule_tests
from catalogue.loader import load
from catalogue.model import SEVERITIES
from common.problems import CatalogueError
from tools.catalogue.report import Report, build_report

console = Console(highlight=False, soft_wrap=True, markup=False, width=None if sys.stdout.isatty() else 200)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def main(as_json: bool) -> None:
    """Report alerts by area and severity, test cases, metrics, runbooks and mutants.

    Fail if anything is missing.
    """
    try:
        found = build_report(load(), rule_tests.load())
    except CatalogueError as error:
        console.print(str(error))
        sys.exit(1)
    if as_json:
        click.echo(json.dumps(found.plain(), indent=2))
    else:
        _print(found)
    sys.exit(1 if found.missing else 0)


def _print(found: Report) -> None:
    console.print(_areas(found))
    table = Table(box=None, pad_edge=False, show_header=False)
    for behaviour, share in found.shown.items():
        table.add_row(f"test cases: {behaviour}", str(share))
    table.add_row("runbooks complete", str(found.runbooks))
    metrics, mutants = found.metrics, found.mutants
    table.add_row(
        "metrics read", f"{metrics.read}: {metrics.known} known, {metrics.live} found live, {metrics.listed} listed"
    )
    stale = f", {mutants.stale} rules not tested since their last change" if mutants.stale else ""
    table.add_row(
        "mutants killed", f"{mutants.killed} of {mutants.total}, {mutants.accepted} accepted with a reason{stale}"
    )
    console.print(table)
    console.print(*found.missing, f"{len(found.missing)} problems" if found.missing else "complete", sep="\n")


def _areas(found: Report) -> Table:
    table = Table(box=None, pad_edge=False, header_style="")
    table.add_column("AREA")
    for heading in (*SEVERITIES, "ALERTS"):
        table.add_column(heading, justify="right")
    rows = {**found.alerts, "all": {each: sum(area[each] for area in found.alerts.values()) for each in SEVERITIES}}
    for area, counts in rows.items():
        table.add_row(area, *(str(counts[severity]) for severity in SEVERITIES), str(sum(counts.values())))
    return table


if __name__ == "__main__":
    main()
