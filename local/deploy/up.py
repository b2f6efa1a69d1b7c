"""`make up`: deployment of the embedded stack, or the engine for other stacks."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import click

from common.project import PROJECT
from local.console import console, exit_unless_healthy, print_status
from local.demo.platform import DELIVERY_TIMEOUT, DEMO_ALERT, Demo
from local.deploy.charts import choose_chart_source, provide_charts, recorded_source
from local.deploy.deployment import POLICY_PACK, Deployment, DeploymentError
from local.deploy.status import wait_healthy
from local.environment import (
    CHARTS,
    EMBEDDED_STACK,
    demo_platform,
    embedded_deployment,
    exclusive_lock,
    status_rows,
)
from local.startup import ensure_required_tools, set_up_demo, set_up_node_kind, start_control_plane, start_demo
from local.tools.build import ensure_tools
from local.tools.toolset import binary, set_folder
from preflight.offline import offline_problems
from settings.loader import problem_report


def up_embedded(
    node: str | None,
    demo: str | None,
    charts: Path | None,
    confirm: Callable[[Deployment], None] = lambda _: None,
) -> None:
    """Set up the embedded environment and deploy stack `local`.

    Waits until all components are healthy and prints their status. `confirm` runs before the stack changes; its errors
    end the command.

    Raises:
        DeploymentError: the settings have problems, the charts do not match, or the deployment failed.
    """
    start_time = time.monotonic()
    deployment = embedded_deployment()
    platform = demo_platform(deployment)
    with exclusive_lock():
        set_up_node_kind(deployment, node)
        set_up_demo(platform, demo)
        ensure_required_tools(deployment)
        start_control_plane(deployment)
        if platform.is_enabled:
            start_demo(platform)
        deployment.select()
        source = _set_up_charts(deployment, charts)
        os.environ |= deployment.environment()
        owner = platform if platform.is_enabled else deployment.control_plane
        owner.apply_external_objects()
        _check_settings(deployment.stack, deployment.settings, os.environ["PULUMI_CONFIG_PASSPHRASE"])
        with deployment.control_plane.supervised(console.print):
            confirm(deployment)
            deployment.up(console.print)
        rows = wait_healthy(lambda: status_rows(deployment))
    print_status(rows)
    if platform.is_enabled:
        _wait_for_demo_alert(platform)
    elapsed = time.monotonic() - start_time
    console.print(f"charts: {source}; {deployment.control_plane.description}; {elapsed:.0f} s")
    exit_unless_healthy(rows)


def up_remote(stack: str, charts: Path | None) -> NoReturn:
    """Run the offline checks, then replace this process by `pulumi up`.

    The engine uses the login and kubeconfig of the user.

    Raises:
        DeploymentError: the settings have problems.
    """
    if charts is not None:
        raise click.UsageError(
            f"--charts is only valid for stack {EMBEDDED_STACK}; set monitoring:charts in Pulumi.{stack}.yaml"
        )
    prepare_remote(stack)
    os.chdir(PROJECT)
    os.execv(binary("pulumi"), ["pulumi", "up", "--stack", stack, *POLICY_PACK])


def prepare_remote(stack: str) -> None:
    """Find or build the tools, and run the offline checks of a stack on a cluster of the user.

    Raises:
        DeploymentError: the settings have problems.
    """
    ensure_tools(console)
    os.environ["PATH"] = f"{set_folder() / 'bin'}{os.pathsep}{os.environ['PATH']}"
    _check_settings(stack, PROJECT / f"Pulumi.{stack}.yaml", _passphrase())


def _set_up_charts(deployment: Deployment, folder: Path | None) -> str:
    """Fill the chart folder and return the source of the charts.

    Raises:
        DeploymentError: the stack is deployed with charts from another source.
    """
    source = choose_chart_source(CHARTS, folder)
    previous = recorded_source(CHARTS)
    if previous not in (source, None) and deployment.is_deployed():
        # The engine detects a changed chart by its version, and the versions of both sources are the same.
        raise DeploymentError(
            f"the stack is deployed with charts from {previous}; run `make destroy` before you use {source}"
        )
    if source != previous:
        console.print(f"charts: {source}")
    provide_charts(CHARTS, source)
    return source


def _check_settings(stack: str, settings: Path, passphrase: str | None) -> None:
    if problems := offline_problems(settings, passphrase, PROJECT):
        raise DeploymentError(problem_report(stack, problems))


def _passphrase() -> str | None:
    """Return the passphrase from the variables of the engine.

    None if the engine would prompt for it or needs none.
    """
    if file := os.environ.get("PULUMI_CONFIG_PASSPHRASE_FILE"):
        return Path(file).read_text().strip()
    return os.environ.get("PULUMI_CONFIG_PASSPHRASE")


def _wait_for_demo_alert(platform: Demo) -> None:
    with console.status(f"waiting for notifications of {DEMO_ALERT}"):
        delivered = platform.wait_for_delivery()
    if not delivered:
        raise DeploymentError(
            f"no receiver got the demo alert {DEMO_ALERT} within {DELIVERY_TIMEOUT:.0f} s; see `make status`"
        )
    first = min(delivered.values(), key=lambda message: message.at)
    addresses = ", ".join(sorted(delivered))
    console.print(f"demo alert delivered: {DEMO_ALERT} to {addresses}; first at {first.at[11:19]} UTC")
