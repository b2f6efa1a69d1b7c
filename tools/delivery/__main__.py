"""Command line of the delivery tests: `python -m tools.delivery [--json]`."""

from __future__ import annotations

import contextlib
import json
import sys

import click
import pytest
from rich.console import Console
from rich.table import Table

from common.project import PROJECT
from tools.delivery.figures import Figures, add_up


class Collector:
    """A pytest plug-in that collects the recorded properties."""

    def __init__(self) -> None:
        self.recorded: list[tuple[str, object]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect the properties of a test."""
        if report.when == "call":
            self.recorded += report.user_properties


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON; test output goes to standard error.")
def main(as_json: bool) -> None:
    """Deliver every alert of every environment, with and without failures."""
    collector = Collector()
    with contextlib.redirect_stdout(sys.stderr):
        status = pytest.main(["-q", str(PROJECT / "tests" / "delivery")], plugins=[collector])
    figures = add_up(collector.recorded)
    if as_json:
        click.echo(json.dumps(figures.as_dict(), indent=2))
    else:
        Console(highlight=False).print(_table(figures))
    sys.exit(status or int(not figures.good))


def _table(figures: Figures) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_row("alerts x environments delivered correctly", str(figures.delivered))
    table.add_row("inhibition cases executed", str(figures.inhibited))
    table.add_row("failures survived", str(figures.survived))
    table.add_row("messages lost", str(figures.lost))
    table.add_row("duplicates while Alertmanagers were killed or partitioned", str(figures.duplicates))
    return table


if __name__ == "__main__":
    main(prog_name="python -m tools.delivery")
