"""The commands behind the Makefile: `python -m local COMMAND`."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path
from typing import Final

import click

from common.command_line import CommandGroup
from common.problems import CatalogueError
from local.console import console, exit_unless_healthy, print_status
from local.control_plane.lifecycle import KubectlError, NodesError
from local.deploy.charts import ChartError
from local.deploy.deployment import LOCAL_PASSPHRASE, DeploymentError
from local.environment import (
    CHARTS,
    EMBEDDED_STACK,
    GENERATED_FOLDERS,
    STATE,
    demo_platform,
    embedded_deployment,
    exclusive_lock,
    status_rows,
)
from local.nodes.import_images import ImageError
from local.nodes.kinds import KINDS
from local.nodes.requirements import unmet_requirement
from local.processes import ProcessError
from local.startup import ensure_node_tools, ensure_required_tools, set_up_node_kind, start_control_plane
from local.tools.build import BuildError, ensure_tools
from local.tools.debian import UnavailableError
from local.tools.toolset import set_folder

ERRORS: Final = (
    BuildError,
    CatalogueError,
    ChartError,
    DeploymentError,
    ImageError,
    KubectlError,
    NodesError,
    ProcessError,
    UnavailableError,
    OSError,
)

node_option = click.option(
    "--node",
    envvar="NODE",
    type=click.Choice(sorted(KINDS)),
    help="Kind of node; default: the current kind, or a real node if this machine supports one.",
)
demo_option = click.option(
    "--demo", type=click.Choice(["yes", "no"]), help="Enable or remove the demo platform; default: unchanged."
)
stack_option = click.option("--stack", default=EMBEDDED_STACK, show_default=True, help="Stack to work on.")


class Commands(CommandGroup):
    """Commands of the embedded environment."""

    errors = ERRORS


@click.group(cls=Commands)
def main() -> None:
    """Manage the embedded environment."""


@main.command()
@click.option("--tests", is_flag=True, help="Include the tools that only tests require.")
@click.option("--node", is_flag=True, help="Include the tools of a real node, if this machine supports one.")
def tools(tests: bool, node: bool) -> None:
    """Build or find every tool and print its folder."""
    console.print(f"tools: {ensure_tools(console) / 'bin'}")
    if tests:
        for purpose in ("exporters", "tests"):
            console.print(f"tools for tests: {ensure_tools(console, purpose) / 'bin'}")
    if node and (reason := unmet_requirement(STATE)):
        skipped = "; its tests will be skipped" if tests else ""
        console.print(f"real node not supported on this machine: {reason}{skipped}")
    elif node:
        ensure_node_tools()


@main.command()
@node_option
def cluster(node: str | None) -> None:
    """Start the control plane; processes that already run are not restarted."""
    deployment = embedded_deployment()
    with exclusive_lock():
        set_up_node_kind(deployment, node)
        ensure_required_tools(deployment)
        start_control_plane(deployment)


@main.command()
@stack_option
@node_option
@demo_option
@click.option("--charts", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Folder of charts.")
def up(stack: str, node: str | None, demo: str | None, charts: Path | None) -> None:
    """Set up everything and deploy the stack."""
    # Imported here: the checks of the settings take half a second to import, and no other command needs them.
    from local.deploy.up import up_embedded, up_remote

    if stack != EMBEDDED_STACK:
        up_remote(stack, charts)
    up_embedded(node, demo, charts)


@main.command()
@stack_option
def destroy(stack: str) -> None:
    """Delete the stack from the embedded cluster; the CRDs stay."""
    if stack != EMBEDDED_STACK:
        raise click.UsageError(f"only for stack {EMBEDDED_STACK}; use: pulumi destroy --stack {stack}")
    ensure_tools(console)
    deployment = embedded_deployment()
    with exclusive_lock():
        start_control_plane(deployment)
        deployment.select()
        deployment.destroy(console.print)


@main.command()
def down() -> None:
    """Stop every process of the embedded environment.

    Its data stay for the next `make up`.
    """
    deployment = embedded_deployment()
    with exclusive_lock():
        stopped = [*demo_platform(deployment).stop(), *deployment.control_plane.stop()]
    console.print(f"stopped: {', '.join(stopped)}" if stopped else "no processes were running")


@main.command()
def clean() -> None:
    """Stop every process and delete all data of the embedded environment.

    Built tools stay in the cache.
    """
    with exclusive_lock():
        deployment = embedded_deployment()
        demo_platform(deployment).stop()
        control_plane = deployment.control_plane
        control_plane.stop()
        for folder in (control_plane.state, CHARTS, *GENERATED_FOLDERS):
            if folder.exists():
                shutil.rmtree(folder)
    console.print("deleted the embedded environment and its data")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> None:
    """Show processes and components; exit with code 1 if any is unhealthy."""
    rows = status_rows(embedded_deployment())
    if as_json:
        click.echo(json.dumps([row.as_dict() for row in rows], indent=2))
    else:
        print_status(rows)
    exit_unless_healthy(rows)


@main.command()
@stack_option
def env(stack: str) -> None:
    """Print shell exports for `pulumi` and `kubectl`: eval "$(make -s env)"."""
    # Values that the caller has set are printed as references, because the output may be shared.
    exports = {name: shlex.quote(value) for name, value in embedded_deployment().environment().items()}
    exports["PULUMI_CONFIG_PASSPHRASE"] = f'"${{PULUMI_CONFIG_PASSPHRASE-{LOCAL_PASSPHRASE}}}"'
    exports["PATH"] = f'"{set_folder() / "bin"}:$PATH"'
    for name in exports if stack == EMBEDDED_STACK else ["PATH"]:
        click.echo(f"export {name}={exports[name]}")
