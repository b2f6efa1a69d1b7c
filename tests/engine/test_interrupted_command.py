"""The next `make up` completes after any interruption; the tests run in file order.

Nodes and pods are simulated by KWOK; engine and commands are real.
"""

from __future__ import annotations

import json
import os
import signal
from datetime import UTC, datetime

import psutil
import pytest

from local.deploy.helm_records import with_status
from tests.engine.interruption import MIDDLE_OF_UP, assert_up_completes, read_until
from tools.checkout import Checkout

pytestmark = pytest.mark.usefixtures("state_saved_at_each_step")


@pytest.mark.usefixtures("clean_slate")
def test_the_next_up_completes_after_the_engine_was_killed(checkout: Checkout) -> None:
    with checkout.start("up") as interrupted:
        read_until(interrupted, MIDDLE_OF_UP)
        interrupted.kill()
        killed = checkout.engine_processes()
        for process in killed:
            process.kill()
        psutil.wait_procs(killed, timeout=30)
        interrupted.communicate(timeout=60)
    assert_up_completes(checkout)


def test_concurrent_commands_are_rejected_and_the_next_up_completes_after_a_keyboard_interrupt(
    checkout: Checkout,
) -> None:
    with checkout.edit_settings() as settings:
        for name in ("nodeExporter", "kubeStateMetrics", "blackboxExporter"):
            settings[f"monitoring:{name}"] = {}
    with checkout.start("up") as interrupted:
        read_until(interrupted, "control plane: running")
        others = [checkout.start(command) for command in ("down", "clean", "destroy", "cluster", "up")]
        for rejected in others:
            output, _ = rejected.communicate(timeout=60)
            assert rejected.returncode == 1
            assert "another command is already running in this checkout" in output
        read_until(interrupted, "kube-state-metrics-release creating")
        os.killpg(interrupted.pid, signal.SIGINT)
        output, _ = interrupted.communicate(timeout=120)
    assert "waiting for the engine to complete running operations" in output
    assert "Traceback" not in output
    assert checkout.engine_processes() == []
    assert_up_completes(checkout)


def test_the_next_up_upgrades_a_release_with_a_pending_helm_record(checkout: Checkout) -> None:
    """The record is pending if the API server exits during an install.

    Helm cannot record the failure then.
    """
    kubectl = checkout.control_plane.kubectl
    name = "sh.helm.release.v1.postgres-exporter-example.v1"
    record = json.loads(kubectl("get", "secret", "--namespace=monitoring", name, "--output=json"))
    kubectl("replace", "--filename=-", text=json.dumps(with_status(record, "pending-install")))
    with checkout.edit_settings() as settings:
        settings["monitoring:postgres"][0]["address"] = "127.0.0.1:10"
    result = checkout.run("up")
    assert result.returncode == 0, result.stdout
    assert f"removed Helm record {name} of an interrupted release (pending-install)" in result.stdout
    statuses = "jsonpath={.items[*].metadata.labels.status}"
    selector = "--selector=owner=helm,name=postgres-exporter-example"
    assert (
        kubectl("get", "secrets", "--namespace=monitoring", selector, f"--output={statuses}") == "superseded deployed"
    )


def test_up_does_not_interfere_with_a_running_engine(checkout: Checkout) -> None:
    lock = checkout.deployment.backend / ".pulumi" / "locks" / "organization" / "monitoring" / "local" / "by-hand.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text(json.dumps({"pid": os.getpid(), "timestamp": datetime.now(UTC).isoformat()}))
    result = checkout.run("up")
    assert result.returncode == 1
    assert f"process {os.getpid()} is changing stack local" in result.stdout
    assert lock.exists()
    lock.unlink()


def test_up_does_not_change_releases_of_others(checkout: Checkout) -> None:
    assert checkout.run("cluster").returncode == 0
    checkout.deployment.select()
    labels = "owner=helm,name=another-teams,status=pending-install,version=1"
    kubectl = checkout.control_plane.kubectl
    kubectl("create", "secret", "generic", "sh.helm.release.v1.another-teams.v1", "--namespace=default")
    kubectl("label", "secret", "sh.helm.release.v1.another-teams.v1", "--namespace=default", *labels.split(","))
    try:
        assert checkout.deployment.recover() == []
        assert "another-teams" in kubectl("get", "secrets", "--namespace=default", "--output=name")
    finally:
        kubectl("delete", "secret", "sh.helm.release.v1.another-teams.v1", "--namespace=default")
