"""Operators in place of the simulated pods of their Deployments; a script replaces the operator."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import psutil
import pytest

from local.control_plane.operator_pods import OperatorPods, wanted
from local.processes import is_alive
from tools.delivery.alertmanager import wait_until

WITHIN: Final = 10
OURS: Final = ("--controller-id=a", "--as=system:serviceaccount:monitoring:prometheus-operator")
THEIRS: Final = ("--as=system:serviceaccount:neighbour:default",)


def deployment(namespace: str, *, account: str | None = None, replicas: int = 1, **metadata: Any) -> dict[str, Any]:
    pod: dict[str, Any] = {"containers": [{"args": ["--controller-id=a"]}]}
    if account:
        pod["serviceAccountName"] = account
    return {
        "metadata": {"namespace": namespace, "name": "operator", **metadata},
        "spec": {"replicas": replicas, "template": {"spec": pod}},
    }


def test_an_operator_has_the_arguments_and_the_account_of_its_deployment() -> None:
    found = wanted([deployment("monitoring", account="prometheus-operator"), deployment("neighbour")])
    assert found == {"monitoring/operator": OURS, "neighbour/operator": ("--controller-id=a", *THEIRS)}


def test_a_deployment_without_replicas_or_in_deletion_has_no_operator() -> None:
    deleted = deployment("b", deletionTimestamp="2026-01-01T00:00:00Z")
    assert wanted([deployment("a", replicas=0), deleted]) == {}


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "operator"
    path.write_text("#!/bin/sh\nwhile :; do sleep 0.1; done\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def running(program: Path) -> Callable[[], dict[int, list[str]]]:
    """Return the arguments of the running operators by process id."""
    this = psutil.Process()
    return lambda: {
        each.pid: each.cmdline()[2:]
        for each in this.children()
        if each.status() != psutil.STATUS_ZOMBIE and str(program) in each.cmdline()
    }


@pytest.fixture
def pods(program: Path) -> Iterator[OperatorPods]:
    pods = OperatorPods(str(program), 20_000)
    yield pods
    pods.end()


def test_operators_follow_their_deployments(pods: OperatorPods, running: Callable[[], dict[int, list[str]]]) -> None:
    pods.reconcile({"monitoring/operator": OURS, "neighbour/operator": THEIRS})
    wait_until(lambda: len(running()) == 2, WITHIN)
    listen = [f"--web.listen-address=127.0.0.1:{port}" for port in (20_000, 0)]
    assert sorted(running().values()) == sorted([[*OURS, listen[0]], [*THEIRS, listen[1]]])
    (kept,) = (pid for pid, arguments in running().items() if THEIRS[0] in arguments)
    pods.reconcile({"monitoring/operator": OURS[1:], "neighbour/operator": THEIRS})
    wait_until(lambda: [*OURS[1:], listen[0]] in running().values(), WITHIN)
    assert len(running()) == 2
    assert kept in running()
    pods.reconcile({"neighbour/operator": THEIRS})
    assert list(running()) == [kept]


def test_an_operator_that_has_exited_is_started_again(
    pods: OperatorPods, running: Callable[[], dict[int, list[str]]]
) -> None:
    pods.reconcile({"monitoring/operator": OURS})
    wait_until(lambda: len(running()) == 1, WITHIN)
    (first,) = running()
    psutil.Process(first).kill()
    wait_until(lambda: running() == {}, WITHIN)
    assert running() == {}
    pods.reconcile({"monitoring/operator": OURS})
    wait_until(lambda: len(running()) == 1, WITHIN)
    assert len(running()) == 1
    assert first not in running()


def test_an_operator_ends_with_its_parent_even_if_that_is_killed(program: Path) -> None:
    code = (
        "import time; from local.control_plane.operator_pods import OperatorPods; "
        f"OperatorPods({str(program)!r}, 0).reconcile({{'a/b': ('--x',)}}); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code]) as parent:
        wait_until(lambda: bool(psutil.Process(parent.pid).children()), WITHIN)
        (child,) = psutil.Process(parent.pid).children()
        parent.kill()
    wait_until(lambda: not is_alive(child), WITHIN)
    assert not is_alive(child)
