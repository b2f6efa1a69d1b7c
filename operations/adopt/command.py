"""The command `adopt`: reports on a migration, and with `--apply` does its steps."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import click
from rich.console import Console

from common.problems import Problem
from operations.adopt import report as lines
from operations.adopt.hand_over import take_back
from operations.adopt.inventory import findings, in_order
from operations.adopt.migration import Migration, connected
from operations.adopt.model import AdoptError, Report, State, Step
from operations.adopt.proof import pager_problem
from operations.adopt.read import read_previous
from operations.adopt.removal import removal
from operations.adopt.running import running_findings
from operations.adopt.servers import ServerError
from operations.adopt.settings import missing_settings
from operations.adopt.steps import Proof, run_steps
from operations.health.run import StackCluster, stack_cluster
from preflight.adoption import decide_adoption, read_state

Print = Callable[[object], None]


@dataclass(frozen=True, kw_only=True)
class Request:
    """Options of the command.

    Attributes:
        release: Name of the Helm release to replace; empty for the only one.
        namespace: Namespace of it; empty for any.
        channel: Receiver of the test notification.
        apply: Whether to do the steps.
        rollback: Whether to end the hand-over.
        as_json: Whether to print JSON.
    """

    release: str
    namespace: str
    channel: str
    apply: bool
    rollback: bool
    as_json: bool


def adopt(stack: str, request: Request, console: Console) -> int:
    """Report on a migration, or do its steps; return the exit code.

    Raises:
        UnknownStackError: the stack has no file.
        HealthError: its settings have problems, or its cluster cannot be read.
        AdoptError: not exactly one stack to replace was found, or the options contradict each other.
    """
    if request.apply and request.rollback:
        raise AdoptError("APPLY, ROLLBACK: found both; allowed: one of them")
    # With --json, progress must not mix with the output.
    progress = Console(stderr=True, highlight=False, soft_wrap=True) if request.as_json else console
    with stack_cluster(stack, progress) as both:
        previous = read_previous(
            both.cluster,
            release=request.release,
            namespace=request.namespace,
            own_namespaces=both.plan.namespaces,
        )
        conflicts = _conflicts(both)
        with connected(both.cluster, both.plan, both.settings, previous, conflicts) as migration:
            if request.rollback:
                return _take_back(migration, console)
            prove = _proof(stack, request.channel, progress)
            result = migrate(migration, progress.print, apply=request.apply, prove=prove, is_quiet=request.as_json)
    if request.as_json:
        click.echo(json.dumps(lines.as_json(result), indent=2))
    return result.exit_code


def migrate(migration: Migration, show: Print, *, apply: bool, prove: Proof, is_quiet: bool = False) -> Report:
    """Print the report as it proceeds, do the steps with `apply`, and return everything."""
    objects = findings(migration.previous, migration.plan, migration.settings)
    found = in_order([*objects, *running_findings(migration)])
    settings = missing_settings(migration.previous, migration.settings, migration.conflicts)
    if not is_quiet:
        for line in (lines.heading(migration.stack, migration.previous), *lines.found(found)):
            show(line)
        for line in (*lines.settings_lines(settings), lines.STEPS):
            show(line)
    steps: list[Step] = []
    for step in run_steps(migration, apply=apply, prove=prove):
        steps.append(step)
        if not is_quiet:
            for line in lines.step_lines(len(steps), step):
                show(line)
    result = Report(
        stack=migration.stack,
        previous=migration.previous,
        findings=found,
        settings=settings,
        steps=steps,
        removal=list(removal(migration)),
        is_applied=apply,
    )
    if not is_quiet:
        for line in lines.last_lines(result):
            show(line)
    return result


def _conflicts(both: StackCluster) -> Sequence[Problem]:
    """Return why the stack cannot be deployed beside what is in the cluster."""
    # The outputs of the last deployment only prove ownership of objects that versions without labels have created.
    return decide_adoption(both.settings, read_state(both.settings), None, stack=both.plan.stack).problems


def _proof(stack: str, channel: str, console: Console) -> Proof:
    return lambda: pager_problem(stack, channel, console)


def _take_back(migration: Migration, console: Console) -> int:
    try:
        step = take_back(migration)
    except ServerError as error:
        step = Step(name="take back", state=State.FAILED, text=str(error))
    for line in lines.step_lines(1, step):
        console.print(line)
    return 0 if step.state is State.DONE else 1
