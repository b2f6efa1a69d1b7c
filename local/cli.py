"""The commands behind the Makefile: `python -m local COMMAND`."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from filelock import FileLock, Timeout
from rich.console import Console
from rich.table import Table

from common.command_line import CommandGroup
from common.project import PROJECT
from local.control_plane.lifecycle import ControlPlane, KubectlError, NodesError
from local.demo.platform import ALERT, PATIENCE, Demo
from local.deploy.charts import ChartError, choose_chart_source, provide_charts, recorded_source
from local.deploy.deployment import LOCAL_PASSPHRASE, POLICY_PACK, Deployment, DeploymentError
from local.deploy.external_objects import external_objects
from local.deploy.status import Row, component_rows, process_rows, wait_healthy
from local.nodes.import_images import ImageError
from local.nodes.kinds import KINDS
from local.nodes.node_kind import choose_node_kind
from local.nodes.packages import PACKAGES, found
from local.nodes.requirements import unmet_requirement
from local.processes import ProcessError
from local.tools.build import BuildError, ensure_tools
from local.tools.debian import UnavailableError
from local.tools.toolset import binary, cache_folder, set_folder
from preflight.charts import stand_ins
from preflight.offline import offline_problems
from settings.loader import SettingsError, problem_report

STATE = PROJECT / ".state"
CHARTS = STATE / "charts"
MADE = (STATE / "days", STATE / "pictures")
"""What other commands keep beside it, and make anew when they need it."""
EMBEDDED = "local"
"""The one stack that is deployed to the embedded control plane; every other goes where its settings say."""
ERRORS = (
    BuildError,
    ChartError,
    DeploymentError,
    ImageError,
    KubectlError,
    NodesError,
    ProcessError,
    SettingsError,
    UnavailableError,
    OSError,
)

# Piped output keeps its columns: nothing is cut to the width of a terminal that is not there.
console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 200)
node_option = click.option(
    "--node",
    envvar="NODE",
    type=click.Choice(sorted(KINDS)),
    help="Kind of node; left out, the one there is, or a real one where that can be had.",
)
demo_option = click.option(
    "--demo", type=click.Choice(["yes", "no"]), help="Whether there is a platform to watch; left out, as before."
)
stack_option = click.option("--stack", default=EMBEDDED, show_default=True, help="Stack to work on.")


def embedded() -> Deployment:
    """The stack `local` on this checkout's own control plane."""
    control_plane = ControlPlane(STATE / EMBEDDED, f"bais-{EMBEDDED}")
    return Deployment(project=PROJECT, stack=EMBEDDED, control_plane=control_plane)


def demo_platform(deployment: Deployment) -> Demo:
    """What the embedded stack finds beside it, if it was asked for."""
    return Demo(deployment.control_plane, PROJECT / f"Pulumi.{EMBEDDED}.yaml")


class Commands(CommandGroup):
    """Commands of the embedded environment."""

    errors = ERRORS


@click.group(cls=Commands)
def main() -> None:
    """The embedded environment."""


@main.command()
@click.option("--tests", is_flag=True, help="Those that only tests need besides.")
@click.option("--node", is_flag=True, help="Those of a real node besides, where one can be had.")
def tools(tests: bool, node: bool) -> None:
    """Build or find every tool, and say where they are."""
    console.print(f"tools: {ensure_tools(console) / 'bin'}")
    if tests:
        for purpose in ("exporters", "tests"):
            console.print(f"tools for tests: {ensure_tools(console, purpose) / 'bin'}")
    if node and (reason := unmet_requirement(STATE)):
        console.print(f"no real node can be had here{', and its tests will be skipped' if tests else ''}: {reason}")
    elif node:
        _ensure_node_tools()


@main.command()
@node_option
def cluster(node: str | None) -> None:
    """Start the control plane; what runs already is left alone."""
    deployment = embedded()
    with _alone():
        console.print(_choose_nodes(deployment, node))
        _ensure_tools(deployment)
        _start(deployment)


@main.command()
@stack_option
@node_option
@demo_option
@click.option("--charts", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Folder of charts.")
def up(stack: str, node: str | None, demo: str | None, charts: Path | None) -> None:
    """Set up everything and deploy the stack."""
    if stack != EMBEDDED:
        _up_elsewhere(stack, charts)
    started = time.monotonic()
    deployment = embedded()
    platform = demo_platform(deployment)
    with _alone():
        console.print(_choose_nodes(deployment, node))
        _choose_demo(platform, demo)
        _ensure_tools(deployment)
        _start(deployment)
        if platform.is_chosen:
            _start_demo(platform)
        deployment.select()
        source = choose_chart_source(CHARTS, charts)
        before = recorded_source(CHARTS)
        if before not in (source, None) and deployment.is_deployed():
            # The engine takes a chart for changed when its version changes, and these have the same.
            raise DeploymentError(
                f"the stack is deployed from charts {before}; run `make destroy` before using {source}"
            )
        if source != before:
            console.print(f"charts: {source}")
        provide_charts(CHARTS, source)
        os.environ |= deployment.environment()
        _refuse_problems(stack, deployment.settings, os.environ["PULUMI_CONFIG_PASSPHRASE"])
        giver = platform if platform.is_chosen else deployment.control_plane
        with deployment.control_plane.kept_running(console.print), external_objects(giver.apply_given):
            deployment.up(console.print)
        rows = wait_healthy(lambda: _rows(deployment))
    _print_table(rows)
    if platform.is_chosen:
        _print_delivery(platform)
    console.print(f"charts: {source}; {deployment.control_plane.description}; {time.monotonic() - started:.0f} s")
    _exit_unless_healthy(rows)


@main.command()
@stack_option
def destroy(stack: str) -> None:
    """Take the stack out of the embedded cluster; the custom resource definitions stay."""
    if stack != EMBEDDED:
        raise click.UsageError(f"only stack {EMBEDDED}; for another one: pulumi destroy --stack {stack}")
    ensure_tools(console)
    deployment = embedded()
    with _alone():
        _start(deployment)
        deployment.select()
        deployment.destroy(console.print)


@main.command()
def down() -> None:
    """End every process of the embedded environment; its data stay for the next `make up`."""
    deployment = embedded()
    with _alone():
        ended = [*demo_platform(deployment).stop(), *deployment.control_plane.stop()]
    console.print(f"ended: {', '.join(ended)}" if ended else "nothing was running")


@main.command()
def clean() -> None:
    """End every process and remove all data of the embedded environment; built tools stay in the cache."""
    with _alone():
        deployment = embedded()
        demo_platform(deployment).stop()
        control_plane = deployment.control_plane
        control_plane.stop()
        for folder in (control_plane.state, CHARTS, *MADE):
            if folder.exists():
                shutil.rmtree(folder)
    console.print("the embedded environment and its data are gone")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> None:
    """Show processes and components; exit code 1 if one is not as it should be."""
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
    # The caller's own values stay references: what is printed may be shown, and is read by a shell of theirs.
    exports = {name: shlex.quote(value) for name, value in embedded().environment().items()}
    exports["PULUMI_CONFIG_PASSPHRASE"] = f'"${{PULUMI_CONFIG_PASSPHRASE-{LOCAL_PASSPHRASE}}}"'
    exports["PATH"] = f'"{set_folder() / "bin"}:$PATH"'
    for name in exports if stack == EMBEDDED else ["PATH"]:
        click.echo(f"export {name}={exports[name]}")


@contextmanager
def _alone() -> Iterator[None]:
    """One command at a time changes this checkout's environment."""
    STATE.mkdir(exist_ok=True)
    try:
        with FileLock(STATE / "commands.lock", timeout=0.1):
            yield
    except Timeout:
        raise DeploymentError("another command of this checkout is at work; wait for its end, or end it") from None


def _up_elsewhere(stack: str, charts: Path | None) -> None:
    """Hand over to the engine, with the user's own login and kubeconfig, after the checks that need no engine."""
    if charts is not None:
        raise click.UsageError(f"--charts is for stack {EMBEDDED}; set monitoring:charts in Pulumi.{stack}.yaml")
    ensure_tools(console)
    _refuse_problems(stack, PROJECT / f"Pulumi.{stack}.yaml", _passphrase())
    os.environ["PATH"] = f"{set_folder() / 'bin'}{os.pathsep}{os.environ['PATH']}"
    os.chdir(PROJECT)
    os.execv(binary("pulumi"), ["pulumi", "up", "--stack", stack, *POLICY_PACK])


def _passphrase() -> str | None:
    """The passphrase as the engine would find it; none where it would ask, or needs none."""
    if file := os.environ.get("PULUMI_CONFIG_PASSPHRASE_FILE"):
        return Path(file).read_text().strip()
    return os.environ.get("PULUMI_CONFIG_PASSPHRASE")


def _choose_nodes(deployment: Deployment, given: str | None) -> str:
    """Settle the kind of node, and return which it is and why."""
    control_plane = deployment.control_plane
    before = control_plane.nodes.kind if control_plane.has_chosen_nodes else None
    kind, why = choose_node_kind(given, before, lambda: unmet_requirement(control_plane.state))
    control_plane.choose_nodes(kind)
    return f"node: {kind} ({why})"


def _choose_demo(platform: Demo, given: str | None) -> None:
    if given == "no":
        platform.give_up()
    elif given == "yes" or platform.is_chosen:
        if platform.control_plane.nodes.kind != "real":
            raise DeploymentError("the demo platform needs a real node, and this environment has simulated ones")
        platform.choose()


def _ensure_tools(deployment: Deployment) -> None:
    ensure_tools(console)
    if deployment.control_plane.nodes.kind == "real":
        _ensure_node_tools()


def _ensure_node_tools() -> None:
    for purpose in ("exporters", "node"):
        ensure_tools(console, purpose)
    unpacked = found()
    names = sorted({PACKAGES[name] for name, path in unpacked.items() if path.is_relative_to(cache_folder())})
    if names:
        console.print(f"Debian packages, unpacked beside the tools and not installed: {', '.join(names)}")


def _start(deployment: Deployment) -> None:
    with console.status("starting the control plane") as shown:
        started = deployment.control_plane.start(lambda name: shown.update(f"starting {name}"))
    running = len(deployment.control_plane.nodes.processes) - len(started)
    if started:
        console.print(f"control plane: started {', '.join(started)}" + (f"; {running} were running" if running else ""))
    else:
        console.print("control plane: running")


def _start_demo(platform: Demo) -> None:
    with console.status("starting the demo platform") as shown:
        started = platform.start(lambda name: shown.update(f"starting {name}"))
    console.print(f"demo platform: started {', '.join(started)}" if started else "demo platform: running")


def _print_delivery(platform: Demo) -> None:
    with console.status(f"waiting for {ALERT} to be told"):
        found = platform.delivered()
    if not found:
        raise DeploymentError(
            f"no receiver was told of the demo alert {ALERT} within {PATIENCE:.0f} s; see `make status`"
        )
    first = min(found.values(), key=lambda each: each.at)
    console.print(f"demo alert delivered: {ALERT} at {', '.join(sorted(found))}; the first at {first.at[11:19]} UTC")


def _refuse_problems(stack: str, settings: Path, passphrase: str | None) -> None:
    if problems := offline_problems(settings, passphrase, PROJECT):
        raise DeploymentError(problem_report(stack, problems))


def _rows(deployment: Deployment) -> list[Row]:
    rows = process_rows(deployment.control_plane)
    platform = demo_platform(deployment)
    if platform.is_chosen:
        rows += platform.rows()
    if deployment.control_plane.answers():
        names = stand_ins(str(CHARTS), PROJECT) if CHARTS.exists() else []
        return rows + component_rows(deployment.control_plane, names)
    return [*rows, Row("api server", "components", "unknown: it does not answer", healthy=False)]


def _print_table(rows: list[Row]) -> None:
    table = Table(box=None, pad_edge=False, header_style="")
    for heading in ("COMPONENT", "NAME", "STATE", "", "NOTE"):
        table.add_column(heading, no_wrap=heading != "NOTE")
    for row in rows:
        mark = "[green]ok[/]" if row.healthy else "[bold red]WRONG[/]"
        table.add_row(row.kind, row.name, row.state, mark, row.note)
    console.print(table)


def _exit_unless_healthy(rows: list[Row]) -> None:
    if not all(row.healthy for row in rows):
        sys.exit(1)
