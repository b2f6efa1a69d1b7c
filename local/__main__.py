"""The commands behind the Makefile: `python -m local COMMAND`."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import click
from filelock import FileLock, Timeout
from rich.console import Console
from rich.table import Table

from components.charts import stand_ins
from components.check import stack_faults
from components.reading import report
from local.build import BuildError, ensure_tools
from local.charts import ChartError, provide_charts
from local.control_plane import PROCESSES, ControlPlane
from local.deployment import PROJECT, Deployment, DeploymentError
from local.processes import ProcessError
from local.status import Row, piece_rows, process_rows, wait_healthy
from local.tools import binary, set_folder

STATE = PROJECT / ".state"
CHARTS = STATE / "charts"
EMBEDDED = "local"
"""The one stack that is deployed to the embedded control plane; every other goes where its settings say."""
ERRORS = (BuildError, ChartError, DeploymentError, ProcessError)

# Piped output keeps its columns: nothing is cut to the width of a terminal that is not there.
console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 200)
stack_option = click.option("--stack", default=EMBEDDED, show_default=True, help="Stack to work on.")


def embedded() -> Deployment:
    """The stack `local` on this checkout's own control plane."""
    control_plane = ControlPlane(STATE / EMBEDDED, f"bais-{EMBEDDED}")
    return Deployment(project=PROJECT, stack=EMBEDDED, control_plane=control_plane)


class Commands(click.Group):
    """Turns the errors that a user can cause into one message and exit code 1."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; an expected error is printed without a traceback."""
        try:
            return super().invoke(ctx)
        except ERRORS as error:
            Console(stderr=True, highlight=False, soft_wrap=True, markup=False).print(str(error))
            sys.exit(1)


@click.group(cls=Commands)
def main() -> None:
    """The embedded environment."""


@main.command()
def tools() -> None:
    """Build or find every tool, and say where they are."""
    console.print(f"tools: {ensure_tools(console) / 'bin'}")


@main.command()
def cluster() -> None:
    """Start the control plane; what runs already is left alone."""
    ensure_tools(console)
    _start(embedded())


@main.command()
@stack_option
@click.option(
    "--charts", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Folder of charts to use."
)
def up(stack: str, charts: Path | None) -> None:
    """Set up everything and deploy the stack."""
    started = time.monotonic()
    ensure_tools(console)
    if stack != EMBEDDED:
        _refuse_faults(stack, None)
        command = [str(binary("pulumi")), "up", "--stack", stack]
        sys.exit(subprocess.run(command, cwd=PROJECT, env=os.environ | _tool_exports(), check=False).returncode)
    deployment = embedded()
    STATE.mkdir(exist_ok=True)
    try:
        with FileLock(STATE / "up.lock", timeout=0.1):
            _start(deployment)
            source = provide_charts(CHARTS, charts, console.print)
            os.environ |= deployment.environment()
            _refuse_faults(stack, os.environ["PULUMI_CONFIG_PASSPHRASE"])
            deployment.select()
            with deployment.control_plane.kept_running(console.print):
                deployment.up(console.print)
    except Timeout:
        raise DeploymentError("another `make up` of this checkout is at work; wait for its end") from None
    rows = wait_healthy(lambda: _rows(deployment))
    _print_table(rows)
    console.print(f"charts: {source}; nodes and pods: simulated; {time.monotonic() - started:.0f} s")
    _exit_unless_healthy(rows)


@main.command()
def destroy() -> None:
    """Take the stack out of the embedded cluster; the custom resource definitions stay."""
    deployment = embedded()
    ensure_tools(console)
    _start(deployment)
    deployment.select()
    deployment.destroy()


@main.command()
def down() -> None:
    """End every process of the embedded environment; its data stay for the next `make up`."""
    ended = embedded().control_plane.stop()
    console.print(f"ended: {', '.join(ended)}" if ended else "nothing was running")


@main.command()
def clean() -> None:
    """End every process and remove all data of the embedded environment; built tools stay in the cache."""
    embedded().control_plane.stop()
    if STATE.exists():
        shutil.rmtree(STATE)
    console.print("the embedded environment and its data are gone")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> None:
    """Show processes and pieces; exit code 1 if one is not as it should be."""
    rows = _rows(embedded())
    if as_json:
        click.echo(json.dumps([row.as_dict() for row in rows], indent=2))
    else:
        _print_table(rows)
    _exit_unless_healthy(rows)


@main.command()
@stack_option
def env(stack: str) -> None:
    """Print shell exports with which `pulumi` and `kubectl` work by hand: eval "$(make -s env)"."""
    exports = embedded().environment() if stack == EMBEDDED else _tool_exports()
    for name, value in exports.items():
        # The user's own PATH stays a reference: the exports are read by a shell of theirs.
        quoted = f'"{set_folder() / "bin"}:$PATH"' if name == "PATH" else shlex.quote(value)
        click.echo(f"export {name}={quoted}")


def _tool_exports() -> dict[str, str]:
    path = f"{set_folder() / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "PULUMI_HOME": str(set_folder() / "pulumi"), "PULUMI_SKIP_UPDATE_CHECK": "true"}


def _start(deployment: Deployment) -> None:
    with console.status("starting the control plane") as shown:
        started = deployment.control_plane.start(lambda name: shown.update(f"starting {name}"))
    running = len(PROCESSES) - len(started)
    if started:
        console.print(f"control plane: started {', '.join(started)}" + (f"; {running} were running" if running else ""))
    else:
        console.print("control plane: running")


def _refuse_faults(stack: str, passphrase: str | None) -> None:
    faults = stack_faults(PROJECT / f"Pulumi.{stack}.yaml", passphrase, PROJECT)
    if faults:
        raise DeploymentError(report(stack, faults))


def _rows(deployment: Deployment) -> list[Row]:
    rows = process_rows(deployment.control_plane)
    if deployment.control_plane.answers():
        names = stand_ins(str(CHARTS), PROJECT) if CHARTS.exists() else []
        rows += piece_rows(deployment.control_plane, names)
    return rows


def _print_table(rows: list[Row]) -> None:
    table = Table(box=None, pad_edge=False, header_style="")
    for heading in ("PIECE", "NAME", "STATE", "", "NOTE"):
        table.add_column(heading, no_wrap=heading != "NOTE")
    for row in rows:
        mark = "[green]ok[/]" if row.healthy else "[bold red]WRONG[/]"
        table.add_row(row.kind, row.name, row.state, mark, row.note)
    console.print(table)


def _exit_unless_healthy(rows: list[Row]) -> None:
    if not all(row.healthy for row in rows):
        sys.exit(1)


if __name__ == "__main__":
    main(prog_name="python -m local")
