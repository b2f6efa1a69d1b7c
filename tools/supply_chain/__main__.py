"""Lock files and audit: `python -m tools.supply_chain lock|audit`."""

import click
from rich.console import Console

from common.command_line import CommandGroup
from common.problems import CatalogueError
from tools.supply_chain import artifacts, python_lock
from tools.supply_chain.python_lock import LockError

console = Console(highlight=False, soft_wrap=True, markup=False)


class Commands(CommandGroup):
    """Commands of the supply chain."""

    errors = (CatalogueError, LockError, OSError)


@click.group(cls=Commands)
def main() -> None:
    """Lock and audit what the project installs and deploys."""


@main.command()
def lock() -> None:
    """Renew the lock file of the Python packages, and fill that of charts and images."""
    python_lock.renew()
    console.print(f"{python_lock.LOCK.name}: {len(python_lock.locked_packages(python_lock.LOCK.read_text()))} packages")
    artifacts.renew(console.print)


if __name__ == "__main__":
    main()
