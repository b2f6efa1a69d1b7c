"""Whatever interrupts `make up`, or comes between, the next `make up` finishes the work.

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
from tests.engine.interruption import MIDDLE_OF_UP, assert_up_completes, engine_processes, read_until
from tools.checkout import Checkout


@pytest.mark.usefixtures("clean_slate")
def test_the_next_up_finishes_after_the_engine_itself_was_killed(checkout: Checkout) -> None:
    with checkout.start("up") as interrupted:
        read_until(interrupted, MIDDLE_OF_UP)
        interrupted.kill()
        killed = engine_processes(checkout)
        for process in killed:
            process.kill()
        psutil.wait_procs(killed, timeout=30)
        interrupted.communicate(timeout=60)
    assert_up_completes(checkout)


@pytest.mark.usefixtures("clean_slate")
def test_other_commands_wait_their_turn_and_the_next_up_finishes_after_an_interruption_from_the_keyboard(
    checkout: Checkout,
) -> None:
    with checkout.start("up") as interrupted:
        read_until(interrupted, MIDDLE_OF_UP)
        others = [checkout.start(command) for command in ("down", "clean", "destroy", "cluster", "up")]
        for refused in others:
            output, _ = refused.communicate(timeout=60)
            assert refused.returncode == 1
            assert "another command of this checkout is at work" in output
        os.killpg(interrupted.pid, signal.SIGINT)
        output, _ = interrupted.communicate(timeout=120)
    assert "waiting for the engine to end what it has begun" in output
    assert "Traceback" not in output
    assert engine_processes(checkout) == []
    assert_up_completes(checkout)


def test_a_release_that_helm_takes_for_unfinished_is_brought_up_to_date_by_the_next_up(checkout: Checkout) -> None:
    """So it stands when the API server ends while Helm installs: Helm can no more write that it failed."""
    assert_up_completes(checkout)
    kubectl = checkout.control_plane.kubectl
    name = "sh.helm.release.v1.postgres-exporter-example.v1"
    record = json.loads(kubectl("get", "secret", "--namespace=monitoring", name, "--output=json"))
    kubectl("replace", "--filename=-", text=json.dumps(with_status(record, "pending-install")))
    with checkout.settings() as settings:
        settings["monitoring:postgres"][0]["address"] = "127.0.0.1:10"
    result = checkout.run("up")
    assert result.returncode == 0, result.stdout
    assert f"cleared the record {name} of an interrupted release (pending-install)" in result.stdout
    statuses = "jsonpath={.items[*].metadata.labels.status}"
    selector = "--selector=owner=helm,name=postgres-exporter-example"
    assert (
        kubectl("get", "secrets", "--namespace=monitoring", selector, f"--output={statuses}") == "superseded deployed"
    )


def test_an_engine_that_is_at_work_by_hand_is_left_alone(checkout: Checkout) -> None:
    lock = checkout.deployment.backend / ".pulumi" / "locks" / "organization" / "monitoring" / "local" / "by-hand.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text(json.dumps({"pid": os.getpid(), "timestamp": datetime.now(UTC).isoformat()}))
    result = checkout.run("up")
    assert result.returncode == 1
    assert f"process {os.getpid()} is changing stack local" in result.stdout
    assert lock.exists()
    lock.unlink()


def test_a_release_that_somebody_else_made_is_left_alone(checkout: Checkout) -> None:
    assert checkout.run("cluster").returncode == 0
    checkout.deployment.select()
    labels = "owner=helm,name=somebody-elses,status=pending-install,version=1"
    kubectl = checkout.control_plane.kubectl
    kubectl("create", "secret", "generic", "sh.helm.release.v1.somebody-elses.v1", "--namespace=default")
    kubectl("label", "secret", "sh.helm.release.v1.somebody-elses.v1", "--namespace=default", *labels.split(","))
    try:
        assert checkout.deployment.recover() == []
        assert "somebody-elses" in kubectl("get", "secrets", "--namespace=default", "--output=name")
    finally:
        kubectl("delete", "secret", "sh.helm.release.v1.somebody-elses.v1", "--namespace=default")
