"""Lock files and audit: `python -m tools.supply_chain lock|audit`."""

import sys
from typing import Final

import click
from rich.console import Console

from common.command_line import CommandGroup
from common.problems import CatalogueError
from common.project import PROJECT
from common.whole_files import write_all
from tools.supply_chain import artifacts, python_lock
from tools.supply_chain import audit as advisories
from tools.supply_chain.bill_of_materials import bill_of_materials
from tools.supply_chain.python_lock import LockError

console = Console(highlight=False, soft_wrap=True, markup=False)


BILL_OF_MATERIALS: Final = PROJECT / ".state" / "sbom.cdx.json"


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


@main.command()
def audit() -> None:
    """Write the bill of materials and audit the Python packages; exit code 1: vulnerable, 2: unknown."""
    write_all({BILL_OF_MATERIALS: bill_of_materials()})
    console.print(f"bill of materials: {BILL_OF_MATERIALS.relative_to(PROJECT)}")
    result = advisories.audit()
    for line in (*result.advisories, *(f"unknown: {reason}" for reason in result.unknown)):
        console.print(line)
    known = f"{len(result.advisories)} known vulnerabilities"
    verdict = "vulnerabilities unknown" if result.exit_code == 2 else known
    console.print(f"{python_lock.LOCK.name}: {result.audited} packages audited, {verdict}")
    sys.exit(result.exit_code)


if __name__ == "__main__":
    main()
