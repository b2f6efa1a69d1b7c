"""Health check of a stack of this project: finds its settings and cluster, reads, and judges."""

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import click
from rich.console import Console

from common.project import PROJECT
from local.tools.build import BuildError, ensure_tools
from operations.health.checklist import evaluate
from operations.health.model import Check
from operations.health.plan import HealthPlan, health_plan
from operations.health.read import read_stack
from operations.stacks import stack_environment, stack_file
from preflight.plan import check_settings
from preflight.reachability import cluster_problems
from settings.loader import SettingsError, problem_report
from settings.sources import from_file
from settings.stack import StackSettings
from verification.cluster import ClusterError, ClusterReader, cluster_reader

_THREADS: Final = 8


class HealthError(click.ClickException):
    """The health of a stack cannot be determined; the message says why."""

    exit_code = 2


@dataclass(frozen=True)
class HealthCheck:
    """Health check of a stack with a connection to its cluster.

    Attributes:
        plan: What the stack is compared with.
        cluster: Read access to the cluster.
    """

    plan: HealthPlan
    cluster: ClusterReader
    _threads: Executor

    def run(self) -> tuple[datetime, list[Check]]:
        """Return the time of the check and its results."""
        reading = read_stack(self.plan, self.cluster, self._threads)
        return reading.at, evaluate(self.plan, reading)


@dataclass(frozen=True)
class StackCluster:
    """A stack with a connection to its cluster, whether it is deployed there or not.

    Attributes:
        plan: What the stack is compared with.
        settings: Its settings.
        cluster: Read access to the cluster.
    """

    plan: HealthPlan
    settings: StackSettings
    cluster: ClusterReader


@contextmanager
def stack_cluster(stack: str, console: Console) -> Iterator[StackCluster]:
    """Yield a stack with a connection to its cluster.

    Raises:
        UnknownStackError: the stack has no file.
        HealthError: its settings have problems, or its cluster cannot be reached.
    """
    plan, settings = _prepare(stack, console)
    if problems := cluster_problems(plan.cluster.context):
        raise HealthError(problem_report(stack, problems))
    try:
        with cluster_reader(plan.cluster.context) as cluster:
            yield StackCluster(plan, settings, cluster)
    except ClusterError as error:
        raise HealthError(f"the cluster of stack {stack} cannot be read: {error}") from None


@contextmanager
def health_check(stack: str, console: Console) -> Iterator[HealthCheck]:
    """Yield the health check of a stack.

    Raises:
        UnknownStackError: the stack has no file.
        HealthError: its settings have problems, or its cluster cannot be reached or does not have the stack.
    """
    with stack_cluster(stack, console) as connected, ThreadPoolExecutor(_THREADS) as threads:
        plan, cluster = connected.plan, connected.cluster
        if cluster.get(f"/api/v1/namespaces/{plan.namespace}") is None:
            context = plan.cluster.context or "the current context"
            raise HealthError(f"stack {stack} is not deployed: {context} has no namespace {plan.namespace}")
        yield HealthCheck(plan, cluster, threads)


def _prepare(stack: str, console: Console) -> tuple[HealthPlan, StackSettings]:
    """Return the plan of a stack and its settings, with kubectl on PATH."""
    file = stack_file(stack)
    os.environ |= stack_environment(stack)
    try:
        if shutil.which("kubectl") is None:
            ensure_tools(console)
        checked = check_settings(from_file(file, PROJECT / "Pulumi.yaml"))
        plan = health_plan(stack, checked)
    except (BuildError, SettingsError) as error:
        raise HealthError(str(error)) from None
    assert checked.settings is not None  # A plan needs them.
    return plan, checked.settings
