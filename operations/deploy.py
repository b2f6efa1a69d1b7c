"""Complete deployment of a stack: checks, preview, confirmation, update, health check."""

import os
import subprocess
import time
from collections.abc import Callable
from typing import Final

import click
from rich.console import Console

from common.project import PROJECT
from local.deploy.deployment import POLICY_PACK, WITHOUT_QUESTION, Deployment, DeploymentError
from local.deploy.up import prepare_remote, up_embedded
from local.environment import EMBEDDED_STACK
from local.tools.toolset import binary
from operations.health.model import Check, State, exit_code
from operations.health.report import text
from operations.health.run import HealthCheck, health_check
from operations.stacks import stack_environment, stack_file

# How long a new stack may take until everything is scraped, evaluated and delivered once, and after which time without
# a change it does not start any more.
_SETTLE_SECONDS: Final = 180
_UNCHANGED_SECONDS: Final = 60
_PAUSE_SECONDS: Final = 10


def deploy(stack: str, console: Console, *, yes: bool, node: str | None, demo: str | None) -> int:
    """Deploy a stack step by step, and return the exit code of its health check.

    `node` and `demo` are those of the embedded environment.

    Raises:
        UnknownStackError: the stack has no file.
        DeploymentError: a check, the preview or the update failed, or the user declined the changes.
        HealthError: the cluster cannot be read after the update.
    """
    stack_file(stack)
    os.environ |= stack_environment(stack)
    console.print("step 1 of 4: checks")
    if stack == EMBEDDED_STACK:

        def confirm_embedded(deployment: Deployment) -> None:
            _confirm(stack, console, yes=yes, preview=lambda: deployment.preview(console.print))

        up_embedded(node, demo, None, confirm_embedded)
    else:
        prepare_remote(stack)
        _confirm(stack, console, yes=yes, preview=lambda: _run_engine("preview", "--stack", stack, *POLICY_PACK))
        _run_engine("up", *WITHOUT_QUESTION, "--stack", stack, *POLICY_PACK)
    console.print("step 4 of 4: health check")
    with health_check(stack, console) as check:
        return _wait_for_health(check, console)


def _confirm(stack: str, console: Console, *, yes: bool, preview: Callable[[], None]) -> None:
    console.print("step 2 of 4: preview")
    preview()
    if not yes and not click.confirm(f"Deploy these changes to stack {stack}?"):
        raise DeploymentError(f"stack {stack} was not changed")
    console.print("step 3 of 4: update")


def _run_engine(*arguments: str) -> None:
    """Run the engine with the user's login and kubeconfig; its progress goes to the terminal."""
    if subprocess.run([str(binary("pulumi")), *arguments], cwd=PROJECT, check=False).returncode:
        raise DeploymentError(f"`pulumi {arguments[0]}` failed, see the errors above")


def _wait_for_health(check: HealthCheck, console: Console) -> int:
    """Repeat the health check while something still starts, print the last report, and return its exit code."""
    deadline, changed, previous = time.monotonic() + _SETTLE_SECONDS, time.monotonic(), ""
    while True:
        at, checks = check.run()
        pending = [f"{each.group}, {each.name}: {each.result.value}" for each in checks if _may_settle(each)]
        now, found = time.monotonic(), "\n".join(pending)
        changed, previous = (changed if found == previous else now), found
        if not pending or now >= min(deadline, changed + _UNCHANGED_SECONDS):
            console.print(text(check.plan, at, checks))
            return exit_code(checks)
        console.print(f"waiting: {pending[0]}", markup=False)
        time.sleep(_PAUSE_SECONDS)


def _may_settle(check: Check) -> bool:
    return check.result.state in (State.FAILED, State.UNKNOWN) and not check.result.simulated
