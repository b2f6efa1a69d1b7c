"""The commands behind the Makefile, as a person uses them."""

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
from tools.checkout import Checkout

# Ten: four in Prometheus, two in alerts, one in each of the other sections.
FAULTS: Final = {
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


@pytest.fixture(scope="module")
def first(checkout: Checkout) -> str:
    """What the first `make up` prints."""
    result = checkout.run("up")
    assert result.returncode == 0, result.stdout
    return result.stdout


@pytest.fixture(scope="module")
def deployed(checkout: Checkout, first: str) -> Checkout:
    return checkout


def test_up_ends_with_a_table_of_components_and_says_what_is_simulated(first: str) -> None:
    for line in (
        r"process +kube-apiserver +running, pid \d+ +ok",
        r"process +kwok +running, pid \d+ +ok +stands for kubelets",
        r"prometheus +monitoring/prometheus +2/2, Available=True, Reconciled=True +ok",
        r"alertmanager +monitoring/alertmanager +3/3, Available=True, Reconciled=True +ok",
        r"claims +monitoring +6/6 bound +ok",
        r"pods +monitoring +11/11 running +ok +simulated",
        r"pods +monitoring-node-exporter +3/3 running +ok +simulated",
        r"nodes and pods: simulated",
    ):
        assert re.search(line, first), f"{line}\n{first}"


def test_a_second_up_changes_nothing_and_takes_less_than_15_seconds_of_a_processor(deployed: Checkout) -> None:
    """On a machine that does nothing else it takes no longer; what else this one does now is not the command's."""
    before = processor_seconds()
    result = deployed.run("up")
    assert result.returncode == 0
    assert re.search(r"Resources:\n +\d+ unchanged\n", result.stdout)
    assert 1 < processor_seconds() - before < 15


def processor_seconds() -> float:
    """Of all commands that this process waited for, with what those started and waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def test_starting_twice_is_no_work(deployed: Checkout) -> None:
    before = deployed.control_plane.processes()
    assert deployed.run("cluster").stdout == "node: simulated (asked for)\ncontrol plane: running\n"
    assert deployed.control_plane.processes() == before


def test_a_killed_process_shows_in_the_status_and_is_started_again(deployed: Checkout) -> None:
    deployed.control_plane.processes()["kube-scheduler"].kill()
    status = deployed.run("status")
    assert status.returncode == 1
    assert re.search(r"process +kube-scheduler +not running +WRONG", status.stdout)
    assert "started kube-scheduler; 5 were running" in deployed.run("cluster").stdout
    assert deployed.run("status").returncode == 0


def test_the_exports_make_pulumi_and_kubectl_work_by_hand(deployed: Checkout) -> None:
    exports = deployed.run("env").stdout
    commands = "pulumi stack --show-name; kubectl get prometheus,alertmanager -A --output name"
    answer = subprocess.run(
        ["bash", "-ec", f"{exports}\n{commands}"], cwd=deployed.folder, capture_output=True, text=True, check=True
    )
    assert answer.stdout.splitlines() == [
        "local",
        "prometheus.monitoring.coreos.com/prometheus",
        "alertmanager.monitoring.coreos.com/alertmanager",
    ]


def test_ten_problems_give_ten_lines_and_change_nothing(deployed: Checkout) -> None:
    path = deployed.folder / "Pulumi.local.yaml"
    original = path.read_text()
    stack = yaml.safe_load(original)
    stack["config"] |= FAULTS
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


def test_a_wrong_passphrase_is_one_more_line(deployed: Checkout) -> None:
    result = deployed.run("up", PULUMI_CONFIG_PASSPHRASE="another")
    assert result.returncode == 1
    assert "1 problem in the settings of stack local" in result.stdout
    assert "PULUMI_CONFIG_PASSPHRASE" in result.stdout
    assert "Traceback" not in result.stdout


def test_a_second_control_plane_runs_beside_the_first(deployed: Checkout) -> None:
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


def test_after_a_reboot_a_taken_port_and_damaged_state_files_are_replaced_and_the_data_are_there(
    deployed: Checkout,
) -> None:
    """A reboot leaves the state folder without processes; here `make down` does the same."""
    assert deployed.run("down").returncode == 0
    taken = deployed.control_plane.ports["kube-apiserver"]
    for name in ("tokens.csv", "stages.yaml"):
        (deployed.control_plane.state / name).write_text("")
    with socket.create_server(("127.0.0.1", taken)):
        result = deployed.run("up")
    assert result.returncode == 0, result.stdout
    assert deployed.control_plane.ports["kube-apiserver"] != taken
    assert re.search(r"Resources:\n +\d+ unchanged\n", result.stdout)


def test_processes_of_other_tools_than_this_checkouts_are_replaced(
    deployed: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def test_a_damaged_file_of_ports_is_made_anew(deployed: Checkout) -> None:
    assert deployed.run("down").returncode == 0
    (deployed.control_plane.state / "ports.json").write_text("")
    assert deployed.run("cluster").returncode == 0
    assert deployed.run("status").returncode == 0


def test_a_port_that_somebody_takes_during_the_start_is_left_to_them(deployed: Checkout) -> None:
    control_plane = deployed.control_plane
    assert deployed.run("down").returncode == 0
    taken = control_plane.ports["kube-scheduler"]
    with contextlib.ExitStack() as somebody:

        def take(name: str) -> None:
            if name == "kube-scheduler" and control_plane.ports[name] == taken:
                somebody.enter_context(socket.create_server(("127.0.0.1", taken)))

        assert control_plane.start(take) == list(PROCESSES)
    assert control_plane.ports["kube-scheduler"] != taken


def test_a_start_that_was_interrupted_before_its_end_is_finished(deployed: Checkout) -> None:
    (deployed.control_plane.state / "whole").unlink()
    deployed.control_plane.kubectl("delete", "node", SIMULATED_NODES[0])
    assert deployed.run("cluster").returncode == 0
    assert f"node/{SIMULATED_NODES[0]}" in deployed.control_plane.kubectl("get", "nodes", "--output=name").split()


def test_down_ends_the_operator_too_while_it_waits_for_its_definitions(deployed: Checkout) -> None:
    waiting = ControlPlane(deployed.folder / ".state" / "waiting", "waiting")
    waiting.start()
    assert "local.control_plane.operator_gate" in waiting.processes()["prometheus-operator"].cmdline()
    waiting.stop()
    time.sleep(1)
    assert waiting.processes() == {}


def test_down_ends_what_up_started_and_nothing_else(deployed: Checkout) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        try:
            started = deployed.control_plane.processes()
            assert set(started) == set(PROCESSES)
            result = deployed.run("down")
            assert result.stdout.startswith("ended: prometheus-operator, ")
            assert deployed.control_plane.processes() == {}
            assert stranger.poll() is None
        finally:
            stranger.terminate()
    assert deployed.run("down").stdout == "nothing was running\n"


def test_status_without_a_control_plane_says_so(deployed: Checkout) -> None:
    deployed.run("down")
    result = deployed.run("status", "--json")
    assert result.returncode == 1
    rows = json.loads(result.stdout)
    assert {row["state"] for row in rows} == {"not running", "unknown: it does not answer"}
    assert not any(row["healthy"] for row in rows)


def test_clean_leaves_no_data(deployed: Checkout) -> None:
    assert deployed.run("clean").returncode == 0
    assert [path.name for path in (deployed.folder / ".state").iterdir() if path.name in ("local", "charts")] == []
