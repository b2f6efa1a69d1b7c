"""Health check of a stack of this project: finds its settings and cluster, reads, and judges."""

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.console import Console

from common.project import PROJECT
from local.tools.build import ensure_tools
from operations.health.checklist import evaluate
from operations.health.model import Check
from operations.health.plan import HealthPlan, health_plan
from operations.health.read import read_stack
from operations.stacks import stack_environment, stack_file
from preflight.plan import check_settings
from preflight.reachability import cluster_problems
from settings.loader import problem_report
from settings.sources import from_file
from verification.cluster import ClusterError, ClusterReader, cluster_reader

_THREADS: Final = 8


class HealthError(Exception):
    """The health of a stack cannot be determined; the message says why."""


@dataclass(frozen=True)
class HealthCheck:
    """Health check of a stack with a connection to its cluster.

    Attributes:
        plan: What the stack is compared with.
    """

    plan: HealthPlan
    _cluster: ClusterReader
    _threads: Executor

    def run(self) -> tuple[datetime, list[Check]]:
        """Return the time of the check and its results."""
        reading = read_stack(self.plan, self._cluster, self._threads)
        return reading.at, evaluate(self.plan, reading)


@contextmanager
def health_check(stack: str, console: Console) -> Iterator[HealthCheck]:
    """Yield the health check of a stack.

    Raises:
        UnknownStackError: the stack has no file.
        SettingsError: its settings have problems.
        HealthError: its cluster cannot be reached, or does not have the stack.
        BuildError: kubectl is not on PATH and cannot be built.
    """
    file = stack_file(stack)
    os.environ |= stack_environment(stack)
    if shutil.which("kubectl") is None:
        ensure_tools(console)
    plan = health_plan(stack, check_settings(from_file(file, PROJECT / "Pulumi.yaml")))
    if problems := cluster_problems(plan.cluster.context):
        raise HealthError(problem_report(stack, problems))
    try:
        with cluster_reader(plan.cluster.context) as cluster, ThreadPoolExecutor(_THREADS) as threads:
            if cluster.get(f"/api/v1/namespaces/{plan.namespace}") is None:
                context = plan.cluster.context or "the current context"
                raise HealthError(f"stack {stack} is not deployed: {context} has no namespace {plan.namespace}")
            yield HealthCheck(plan, cluster, threads)
    except ClusterError as error:
        raise HealthError(f"the cluster of stack {stack} cannot be read: {error}") from None
