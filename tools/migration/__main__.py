"""Command line of the rehearsal: `python -m tools.migration --charts FOLDER [--json]`."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import click
from pulumi import automation
from rich.console import Console

from local.control_plane.lifecycle import KubectlError
from local.nodes.requirements import unmet_requirement
from tools.checkout import Checkout
from tools.migration.rehearsal import Rehearsal, RehearsalError
from tools.neighbours import RELEASE
from tools.proof.databases import unavailable_databases


@click.command()
@click.option(
    "--charts",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help=f"Folder of the real charts, {RELEASE} with its sub-charts.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(charts: Path, as_json: bool) -> None:
    """Replace a kube-prometheus-stack with data and a silence on a real node, and show who notified in each minute.

    Not a part of the test suite: it takes about 20 minutes, in which minutes pass that must be seen.
    """
    progress = Console(stderr=True, highlight=False, soft_wrap=True)
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp())
    checkout = Checkout(folder / "checkout")
    try:
        if reason := unmet_requirement(folder) or ", ".join(unavailable_databases().values()):
            raise RehearsalError(f"needs a real node and the demo platform: {reason}")
        rehearsal = Rehearsal(checkout, charts.resolve(), lambda text: progress.print(text, markup=False))
        rehearsal.run()
    except (KubectlError, RehearsalError, automation.CommandError) as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    finally:
        checkout.run("down")
        shutil.rmtree(folder, ignore_errors=True)
    seconds = time.monotonic() - began
    if as_json:
        found = {"facts": rehearsal.facts, "minutes": [asdict(each) for each in rehearsal.minutes], "seconds": seconds}
        click.echo(json.dumps(found, indent=2))
    else:
        for minute in rehearsal.minutes:
            by = [name for name, has in (("previous", minute.old), ("this", minute.new)) if has]
            print(f"{minute.start}  {' and '.join(by) or 'NO'} stack notified")
        for fact, is_true in rehearsal.facts.items():
            print(f"{'yes' if is_true else 'NO':3}  {fact}")
        print(f"{seconds / 60:.0f} min")
    sys.exit(0 if all(rehearsal.facts.values()) else 1)


if __name__ == "__main__":
    main(prog_name="python -m tools.migration")
