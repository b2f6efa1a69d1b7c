"""Whatever happens to a real node, `make down` leaves nothing of it but its data, and touches nothing else."""

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

NOTHING: Final = Leftovers(frozenset(), frozenset(), frozenset(), frozenset())
PATIENCE: Final = 60.0


@pytest.fixture(scope="module")
def machine() -> MachineState:
    """The machine before."""
    return machine_state()


@pytest.fixture(scope="module")
def other(machine: MachineState, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """Another environment that runs all the time."""
    other = Checkout(tmp_path_factory.mktemp("other") / "checkout")
    try:
        assert_up(other)
        yield other
    finally:
        other.run("down")
        assert find_leftovers(other.control_plane.state) == NOTHING


@pytest.fixture(autouse=True)
def _untouched(machine: MachineState, other: Checkout) -> Iterator[None]:
    """After each test the machine is as before, and the other environment too."""
    before = find_leftovers(other.control_plane.state)
    yield
    assert machine_state() == machine
    after = find_leftovers(other.control_plane.state)
    assert lasting(after) == lasting(before)
    assert other.control_plane.is_ready()


def lasting(found: Leftovers) -> tuple[object, ...]:
    """What is the same from moment to moment: a pod's probe or a runtime's helper comes and goes."""
    names = {line for line in found.processes if line.partition(" ")[2] in ("containerd", "kubelet", "kube-apiserver")}
    return names, found.cgroups, found.mounts


def assert_up(checkout: Checkout) -> None:
    started = checkout.run("cluster", "--node", "real")
    assert started.returncode == 0, started.stdout
    wait_for_pods(checkout)


def wait_for_pods(checkout: Checkout) -> None:
    """Wait until the node's own pods, those that give names and volumes, run."""
    control_plane = checkout.control_plane
    deadline = time.monotonic() + PATIENCE
    while cgroup_count(checkout) < 2 and time.monotonic() < deadline:
        time.sleep(0.2)
    for namespace in ("kube-system", "local-path-storage"):
        control_plane.kubectl(
            "wait", "--for=condition=Ready", "pods", "--all", f"--namespace={namespace}", "--timeout=60s"
        )


def cgroup_count(checkout: Checkout) -> int:
    """How many processes are in the environment's cgroup: the runtime's, then those of pods."""
    return len(cgroups.processes(NodeLayout(checkout.control_plane.state).identifier))


def assert_down(checkout: Checkout) -> None:
    ended = checkout.run("down")
    assert ended.returncode == 0, ended.stdout
    assert find_leftovers(checkout.control_plane.state) == NOTHING


def test_what_is_counted_is_there_while_a_node_runs(other: Checkout) -> None:
    found = find_leftovers(other.control_plane.state)
    names = {line.partition(" ")[2] for line in found.processes}
    assert {"containerd", "kubelet", "kube-proxy", "kube-apiserver", "coredns"} <= names
    assert sum("shim" in name for name in names) or any("containerd-shim" in name for name in names)
    assert found.cgroups
    assert found.namespaces


def test_down_leaves_nothing_and_keeps_the_data(checkout: Checkout) -> None:
    assert_up(checkout)
    control_plane = checkout.control_plane
    control_plane.kubectl("create", "configmap", "kept", "--from-literal=a=b")
    assert_down(checkout)
    assert_up(checkout)
    assert control_plane.kubectl("get", "configmap", "kept", "-o", "jsonpath={.data.a}") == "b"
    assert_down(checkout)


@pytest.mark.parametrize("point", [HOLDER, "kube-apiserver", CONTAINERD, "kubelet"])
def test_down_leaves_nothing_after_a_start_that_was_killed_at(checkout: Checkout, point: str) -> None:
    with checkout.start("cluster", "--node", "real") as interrupted:
        deadline = time.monotonic() + PATIENCE
        while point not in checkout.control_plane.processes() and time.monotonic() < deadline:
            time.sleep(0.02)
        interrupted.kill()
        interrupted.communicate(timeout=30)
    assert point in checkout.control_plane.processes()
    assert_down(checkout)


@pytest.mark.parametrize(
    "victims", [(CONTAINERD,), ("kubelet", "kube-proxy"), (HOLDER,), (HOLDER, CONTAINERD, "kubelet")], ids="+".join
)
def test_down_leaves_nothing_of_a_node_that_lost(checkout: Checkout, victims: tuple[str, ...]) -> None:
    assert_up(checkout)
    processes = checkout.control_plane.processes()
    for victim in victims:
        processes[victim].kill()
    assert_down(checkout)


def test_a_node_whose_namespaces_were_lost_is_made_anew(checkout: Checkout) -> None:
    assert_up(checkout)
    checkout.control_plane.processes()[HOLDER].kill()
    assert_up(checkout)
    assert_down(checkout)


def test_after_a_power_cut_a_node_goes_on_and_a_stranger_with_an_id_on_file_stays(checkout: Checkout) -> None:
    """All ends at one moment, no cgroup outlives it, and the ids on file are other processes' by then."""
    assert_up(checkout)
    control_plane, layout = checkout.control_plane, NodeLayout(checkout.control_plane.state)
    control_plane.kubectl("create", "configmap", "before", "--from-literal=a=b")
    cut_off(layout)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as stranger:
        try:
            layout.holder_file.write_text(str(stranger.pid))
            assert_up(checkout)
            assert layout.holder_pid() != stranger.pid
            assert control_plane.kubectl("get", "configmap", "before", "-o", "jsonpath={.data.a}") == "b"
            assert_down(checkout)
            assert stranger.poll() is None
        finally:
            stranger.kill()


def cut_off(layout: NodeLayout) -> None:
    """Kill all that runs in an environment, until nothing is started anew, and remove its cgroup."""
    deadline = time.monotonic() + PATIENCE
    while (left := find_leftovers(layout.state).processes) and time.monotonic() < deadline:
        for line in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(line.partition(" ")[0]), signal.SIGKILL)
    cgroups.end(layout.identifier)
    assert find_leftovers(layout.state) == NOTHING


def test_clean_removes_the_data_too(checkout: Checkout) -> None:
    assert_up(checkout)
    cleaned = checkout.run("clean")
    assert cleaned.returncode == 0, cleaned.stdout
    assert find_leftovers(checkout.control_plane.state) == NOTHING
    assert not checkout.control_plane.state.exists()
