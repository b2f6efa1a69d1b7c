"""`make down` removes everything of a real node except its data.

It changes nothing else on the machine.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Final

import pytest

from local.nodes import cgroups
from local.nodes.layout import NodeLayout
from local.nodes.programs import CONTAINERD, HOLDER
from tests.cluster.leftovers import Leftovers, MachineState, find_leftovers, machine_state
from tools.checkout import Checkout

NO_LEFTOVERS: Final = Leftovers(frozenset(), frozenset(), frozenset(), frozenset())
TIMEOUT: Final = 60.0


@pytest.fixture(scope="module")
def machine() -> MachineState:
    """State of the machine before the tests."""
    return machine_state()


@pytest.fixture(scope="module")
def other(machine: MachineState, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """Another environment that runs during all tests."""
    other = Checkout(tmp_path_factory.mktemp("other") / "checkout")
    try:
        assert_up(other)
        yield other
    finally:
        other.run("down")
        assert find_leftovers(other.control_plane.state) == NO_LEFTOVERS


@pytest.fixture(autouse=True)
def _unchanged(machine: MachineState, other: Checkout) -> Iterator[None]:
    """Check after each test that the machine and the other environment are unchanged."""
    before = find_leftovers(other.control_plane.state)
    yield
    assert machine_state() == machine
    after = find_leftovers(other.control_plane.state)
    assert lasting(after) == lasting(before)
    assert other.control_plane.is_ready()


def lasting(found: Leftovers) -> tuple[object, ...]:
    """Return the permanent part; probes and helpers of the runtime are short-lived."""
    names = {line for line in found.processes if line.partition(" ")[2] in ("containerd", "kubelet", "kube-apiserver")}
    return names, found.cgroups, found.mounts


def assert_up(checkout: Checkout) -> None:
    started = checkout.run("cluster", "--node", "real")
    assert started.returncode == 0, started.stdout
    wait_for_pods(checkout)


def wait_for_pods(checkout: Checkout) -> None:
    """Wait until the DNS and storage pods of the node are ready."""
    control_plane = checkout.control_plane
    deadline = time.monotonic() + TIMEOUT
    while cgroup_count(checkout) < 2 and time.monotonic() < deadline:
        time.sleep(0.2)
    for namespace in ("kube-system", "local-path-storage"):
        control_plane.kubectl(
            "wait", "--for=condition=Ready", "pods", "--all", f"--namespace={namespace}", "--timeout=60s"
        )


def cgroup_count(checkout: Checkout) -> int:
    """Return the number of processes in the cgroup of the environment."""
    return len(cgroups.processes(NodeLayout(checkout.control_plane.state).identifier))


def assert_down(checkout: Checkout) -> None:
    ended = checkout.run("down")
    assert ended.returncode == 0, ended.stdout
    assert find_leftovers(checkout.control_plane.state) == NO_LEFTOVERS


def test_leftovers_are_found_while_a_node_runs(other: Checkout) -> None:
    found = find_leftovers(other.control_plane.state)
    names = {line.partition(" ")[2] for line in found.processes}
    assert {"containerd", "kubelet", "kube-proxy", "kube-apiserver", "coredns"} <= names
    assert sum("shim" in name for name in names) or any("containerd-shim" in name for name in names)
    assert found.cgroups
    assert found.namespaces


def test_down_removes_everything_except_the_data(checkout: Checkout) -> None:
    assert_up(checkout)
    control_plane = checkout.control_plane
    control_plane.kubectl("create", "configmap", "data", "--from-literal=a=b")
    assert_down(checkout)
    assert_up(checkout)
    assert control_plane.kubectl("get", "configmap", "data", "-o", "jsonpath={.data.a}") == "b"
    assert_down(checkout)


@pytest.mark.parametrize("point", [HOLDER, "kube-apiserver", CONTAINERD, "kubelet"])
def test_down_removes_everything_after_a_start_that_was_killed_at(checkout: Checkout, point: str) -> None:
    with checkout.start("cluster", "--node", "real") as interrupted:
        deadline = time.monotonic() + TIMEOUT
        while point not in checkout.control_plane.processes() and time.monotonic() < deadline:
            time.sleep(0.02)
        interrupted.kill()
        interrupted.communicate(timeout=30)
    assert point in checkout.control_plane.processes()
    assert_down(checkout)


@pytest.mark.parametrize(
    "victims", [(CONTAINERD,), ("kubelet", "kube-proxy"), (HOLDER,), (HOLDER, CONTAINERD, "kubelet")], ids="+".join
)
def test_down_removes_everything_of_a_node_without(checkout: Checkout, victims: tuple[str, ...]) -> None:
    assert_up(checkout)
    processes = checkout.control_plane.processes()
    for victim in victims:
        processes[victim].kill()
    assert_down(checkout)


def test_a_node_recovers_without_its_namespaces_and_from_a_power_cut_without_stopping_a_process_with_a_reused_id(
    checkout: Checkout,
) -> None:
    """In a power cut all processes end at once, without their cgroup.

    The recorded process id is reused by another process.
    """
    assert_up(checkout)
    checkout.control_plane.processes()[HOLDER].kill()
    assert_up(checkout)
    control_plane, layout = checkout.control_plane, NodeLayout(checkout.control_plane.state)
    control_plane.kubectl("create", "configmap", "before", "--from-literal=a=b")
    simulate_power_cut(layout)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as unrelated:
        try:
            layout.holder_file.write_text(str(unrelated.pid))
            assert_up(checkout)
            assert layout.holder_pid() != unrelated.pid
            assert control_plane.kubectl("get", "configmap", "before", "-o", "jsonpath={.data.a}") == "b"
            assert_down(checkout)
            assert unrelated.poll() is None
        finally:
            unrelated.kill()


def simulate_power_cut(layout: NodeLayout) -> None:
    """Kill all processes of an environment and remove its cgroup."""
    deadline = time.monotonic() + TIMEOUT
    while (remaining := find_leftovers(layout.state).processes) and time.monotonic() < deadline:
        for line in remaining:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(line.partition(" ")[0]), signal.SIGKILL)
    cgroups.end(layout.identifier)
    assert find_leftovers(layout.state) == NO_LEFTOVERS


def test_clean_removes_the_data_too(checkout: Checkout) -> None:
    assert_up(checkout)
    cleaned = checkout.run("clean")
    assert cleaned.returncode == 0, cleaned.stdout
    assert find_leftovers(checkout.control_plane.state) == NO_LEFTOVERS
    assert not checkout.control_plane.state.exists()
