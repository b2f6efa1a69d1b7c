"""The commands behind the Makefile."""

from __future__ import annotations

import contextlib
import json
import re
import resource
import socket
import subprocess
import time
from pathlib import Path
from typing import Final

import pytest
import yaml

from local.control_plane.lifecycle import ControlPlane, KubectlError
from local.control_plane.programs import PROCESSES
from local.nodes.kinds import SIMULATED_NODES
from local.tools.toolset import set_folder
from tests.engine.snapshot import Snapshot
from tools.checkout import Checkout

# Ten problems: four in Prometheus, two in alerts, one in each other section.
PROBLEMS: Final = {
    "monitoring:environment": 7,
    "monitoring:cluster": {"name": "bais-local", "context": "no-such-context"},
    "monitoring:charts": {"source": "no/such/folder"},
    "monitoring:prometheus": {
        "replicas": 0,
        "retention": "a while",
        "scrapeIntervall": "30s",
        "storage": {"size": "2Gi", "retentionSize": "3GB"},
    },
    "monitoring:alertmanager": {"replicas": "three"},
    "monitoring:alerts": {"tunables": {"no_such_tunable": 1}, "overrides": {"NoSuchAlert": {"for": "5m"}}},
}


def test_up_prints_the_status_of_all_components_and_marks_simulated_ones(snapshot: Snapshot) -> None:
    for line in (
        r"process +kube-apiserver +running, pid \d+ +ok",
        r"process +kwok +running, pid \d+ +ok +replaces the kubelet",
        r"prometheus +monitoring/prometheus +2/2, Available=True, Reconciled=True +ok",
        r"alertmanager +monitoring/alertmanager +3/3, Available=True, Reconciled=True +ok",
        r"volumes +monitoring +6/6 bound +ok",
        r"pods +monitoring +11/11 running +ok +simulated",
        r"pods +monitoring-node-exporter +3/3 running +ok +simulated",
        r"nodes and pods: simulated",
    ):
        assert re.search(line, snapshot.output), f"{line}\n{snapshot.output}"


def test_a_second_up_changes_nothing_and_takes_less_than_20_seconds_of_cpu_time(deployed: Checkout) -> None:
    """CPU time instead of elapsed time, which depends on the load of the machine: 13 s alone."""
    before = cpu_seconds()
    result = deployed.run("up")
    assert result.returncode == 0
    assert re.search(r"Resources:\n +\d+ unchanged\n", result.stdout)
    assert 1 < cpu_seconds() - before < 20


def test_the_engine_writes_no_log_of_its_own(deployed: Checkout) -> None:
    logs = set_folder() / "pulumi" / "logs"
    assert logs.is_file()
    assert logs.stat().st_size == 0


def assert_becomes_healthy(deployed: Checkout, seconds: float = 60) -> None:
    """Read the status until all is healthy: after a restart, the operator first finds pods that are not ready."""
    deadline = time.monotonic() + seconds
    while (status := deployed.run("status")).returncode and time.monotonic() < deadline:
        time.sleep(1)
    assert status.returncode == 0, status.stdout


def cpu_seconds() -> float:
    """Return the CPU seconds of all finished child processes and their children."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def test_a_second_start_starts_no_process(deployed: Checkout) -> None:
    before = deployed.control_plane.processes()
    assert deployed.run("cluster").stdout == "node: simulated (requested)\ncontrol plane: running\n"
    assert deployed.control_plane.processes() == before


def test_status_shows_a_killed_process_and_cluster_restarts_it(deployed: Checkout) -> None:
    deployed.control_plane.processes()["kube-scheduler"].kill()
    status = deployed.run("status")
    assert status.returncode == 1
    assert re.search(r"process +kube-scheduler +not running +UNHEALTHY", status.stdout)
    assert "started kube-scheduler; 5 already running" in deployed.run("cluster").stdout
    assert_becomes_healthy(deployed)


def test_pulumi_and_kubectl_work_with_the_exports_of_env(deployed: Checkout) -> None:
    exports = deployed.run("env").stdout
    commands = "pulumi stack --show-name; kubectl get prometheus,alertmanager -A --output name"
    completed = subprocess.run(
        ["bash", "-ec", f"{exports}\n{commands}"], cwd=deployed.folder, capture_output=True, text=True, check=True
    )
    assert completed.stdout.splitlines() == [
        "local",
        "prometheus.monitoring.coreos.com/prometheus",
        "alertmanager.monitoring.coreos.com/alertmanager",
    ]


def test_ten_problems_are_ten_lines_and_change_nothing(deployed: Checkout) -> None:
    path = deployed.folder / "Pulumi.local.yaml"
    original = path.read_text()
    stack = yaml.safe_load(original)
    stack["config"] |= PROBLEMS
    state = deployed.deployment.export()
    path.write_text(yaml.safe_dump(stack))
    try:
        result = deployed.run("up")
    finally:
        path.write_text(original)
    assert result.returncode == 1
    lines = [line for line in result.stdout.splitlines() if line.startswith("  ")]
    assert "10 problems in the settings of stack local" in result.stdout
    assert len(lines) == 10, result.stdout
    assert all("; allowed: " in line for line in lines)
    assert deployed.deployment.export() == state


def test_a_wrong_passphrase_is_reported_as_a_problem(deployed: Checkout) -> None:
    result = deployed.run("up", PULUMI_CONFIG_PASSPHRASE="another")
    assert result.returncode == 1
    assert "1 problem in the settings of stack local" in result.stdout
    assert "PULUMI_CONFIG_PASSPHRASE" in result.stdout
    assert "Traceback" not in result.stdout


def test_two_control_planes_run_at_the_same_time(deployed: Checkout) -> None:
    second = ControlPlane(deployed.folder / ".state" / "second", "second")
    try:
        second.start()
        assert second.is_ready()
        assert deployed.control_plane.is_ready()
        assert set(second.ports.values()).isdisjoint(deployed.control_plane.ports.values())
        with pytest.raises(KubectlError, match='namespaces "monitoring" not found'):
            second.kubectl("get", "namespace", "monitoring")
    finally:
        second.stop()
    assert second.processes() == {}
    assert set(deployed.control_plane.processes()) == set(PROCESSES)


def test_up_after_a_reboot_replaces_taken_ports_and_damaged_files_and_preserves_the_data(
    deployed: Checkout,
) -> None:
    """A reboot leaves the state folder without processes, as `make down` does."""
    assert deployed.run("down").returncode == 0
    taken = deployed.control_plane.ports["kube-apiserver"]
    for name in ("tokens.csv", "stages.yaml"):
        (deployed.control_plane.state / name).write_text("")
    with socket.create_server(("127.0.0.1", taken)):
        result = deployed.run("up")
    assert result.returncode == 0, result.stdout
    assert deployed.control_plane.ports["kube-apiserver"] != taken
    assert re.search(r"Resources:\n +\d+ unchanged\n", result.stdout)


def test_processes_of_outdated_tools_are_restarted(deployed: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    before = deployed.control_plane.processes()
    with monkeypatch.context() as after_an_update:
        after_an_update.setattr(
            "local.control_plane.lifecycle.set_folder", lambda purpose="": Path(f"/the/set/of/an/update/{purpose}")
        )
        assert deployed.control_plane.start() == list(PROCESSES)
    assert deployed.control_plane.start() == []
    assert not {process.pid for process in before.values()} & {
        process.pid for process in deployed.control_plane.processes().values()
    }


def test_a_damaged_ports_file_is_recreated(deployed: Checkout) -> None:
    assert deployed.run("down").returncode == 0
    (deployed.control_plane.state / "ports.json").write_text("")
    assert deployed.run("cluster").returncode == 0
    assert_becomes_healthy(deployed)


def test_a_port_that_another_program_takes_during_the_start_is_replaced(deployed: Checkout) -> None:
    control_plane = deployed.control_plane
    assert deployed.run("down").returncode == 0
    taken = control_plane.ports["kube-scheduler"]
    with contextlib.ExitStack() as other_program:

        def take(name: str) -> None:
            if name == "kube-scheduler" and control_plane.ports[name] == taken:
                other_program.enter_context(socket.create_server(("127.0.0.1", taken)))

        assert control_plane.start(take) == list(PROCESSES)
    assert control_plane.ports["kube-scheduler"] != taken


def test_an_interrupted_start_is_completed(deployed: Checkout) -> None:
    (deployed.control_plane.state / "whole").unlink()
    deployed.control_plane.kubectl("delete", "node", SIMULATED_NODES[0])
    assert deployed.run("cluster").returncode == 0
    assert f"node/{SIMULATED_NODES[0]}" in deployed.control_plane.kubectl("get", "nodes", "--output=name").split()


def test_down_stops_the_operator_while_it_waits_for_its_deployment(deployed: Checkout) -> None:
    waiting = ControlPlane(deployed.folder / ".state" / "waiting", "waiting")
    waiting.start()
    assert waiting.processes()["prometheus-operator"].children() == []
    waiting.stop()
    time.sleep(1)
    assert waiting.processes() == {}


def test_down_stops_the_processes_of_up_and_no_others(deployed: Checkout) -> None:
    with subprocess.Popen(["sleep", "60"]) as unrelated:
        try:
            started = deployed.control_plane.processes()
            assert set(started) == set(PROCESSES)
            result = deployed.run("down")
            assert result.stdout.startswith("stopped: prometheus-operator, ")
            assert deployed.control_plane.processes() == {}
            assert unrelated.poll() is None
        finally:
            unrelated.terminate()
    assert deployed.run("down").stdout == "no processes were running\n"


def test_status_without_a_control_plane_is_unhealthy(deployed: Checkout) -> None:
    deployed.run("down")
    result = deployed.run("status", "--json")
    assert result.returncode == 1
    rows = json.loads(result.stdout)
    assert {row["state"] for row in rows} == {"not running", "unknown: API server not reachable"}
    assert not any(row["healthy"] for row in rows)


def test_clean_deletes_all_data(deployed: Checkout) -> None:
    assert deployed.run("clean").returncode == 0
    assert [path.name for path in (deployed.folder / ".state").iterdir() if path.name in ("local", "charts")] == []
