"""Terminal output of the commands: the console and the status table."""

from __future__ import annotations

import sys
from typing import Final

from rich.console import Console
from rich.table import Table

from local.deploy.status import StatusRow

# Piped output is not truncated to a terminal width, so its columns stay aligned.
console: Final = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 200)
COLUMNS: Final = ("COMPONENT", "NAME", "STATE", "HEALTH", "NOTE")


def print_status(rows: list[StatusRow]) -> None:
    """Print status rows as a table."""
    table = Table(box=None, pad_edge=False, header_style="")
    for heading in COLUMNS:
        table.add_column(heading, no_wrap=heading != "NOTE")
    for row in rows:
        health = "[green]ok[/]" if row.healthy else "[bold red]UNHEALTHY[/]"
        table.add_row(row.kind, row.name, row.state, health, row.note)
    console.print(table)


def exit_unless_healthy(rows: list[StatusRow]) -> None:
    """Exit with code 1 if any row is unhealthy."""
    if not all(row.healthy for row in rows):
        sys.exit(1)
