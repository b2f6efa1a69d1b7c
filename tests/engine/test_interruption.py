"""Whatever is killed while `make up` is at work, the next `make up` finishes the work.

Nodes and pods are simulated by KWOK; what is killed is real.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from datetime import UTC, datetime

import psutil
import pytest

from local.programs import PROCESSES
from tests.engine.checkout import Checkout

MIDDLE = "operator-release creating"
"""What the engine prints when the definitions are there and nothing else is."""


def until(process: subprocess.Popen[str], sign: str) -> str:
    """Read the output of a command up to a sign of progress."""
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if sign in line:
            return seen
    raise AssertionError(f"no {sign!r} in\n{seen}")


def engines(checkout: Checkout) -> list[psutil.Process]:
    """The engine's processes that work on this checkout, plug-ins and program included."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("PULUMI_BACKEND_URL") == checkout.deployment.backend.as_uri():
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.fixture
def clean_slate(checkout: Checkout) -> None:
    """A running control plane without the stack."""
    assert checkout.run("cluster").returncode == 0
    if checkout.deployment.backend.exists():
        result = checkout.run("destroy")
        assert result.returncode == 0, result.stdout


def assert_whole(checkout: Checkout) -> None:
    result = checkout.run("up")
    assert result.returncode == 0, result.stdout
    rows = json.loads(checkout.run("status", "--json").stdout)
    assert {row["kind"] for row in rows} >= {"process", "release", "prometheus", "alertmanager", "rules", "claims"}
    assert [row for row in rows if not row["healthy"]] == []


@pytest.mark.parametrize("name", PROCESSES)
@pytest.mark.usefixtures("clean_slate")
def test_the_next_up_finishes_after_a_killed(checkout: Checkout, name: str) -> None:
    with checkout.start("up") as interrupted:
        until(interrupted, MIDDLE)
        checkout.control_plane.processes()[name].kill()
        interrupted.communicate(timeout=300)
    assert_whole(checkout)


@pytest.mark.usefixtures("clean_slate")
def test_the_next_up_finishes_after_the_engine_itself_was_killed(checkout: Checkout) -> None:
    with checkout.start("up") as interrupted:
        until(interrupted, MIDDLE)
        interrupted.kill()
        for process in engines(checkout):
            process.kill()
        interrupted.communicate(timeout=60)
    assert_whole(checkout)


@pytest.mark.usefixtures("clean_slate")
def test_the_next_up_finishes_after_the_engine_was_interrupted_from_the_keyboard(checkout: Checkout) -> None:
    with checkout.start("up") as interrupted:
        until(interrupted, MIDDLE)
        os.killpg(interrupted.pid, signal.SIGINT)
        output, _ = interrupted.communicate(timeout=120)
    assert "waiting for the engine to end what it has begun" in output
    assert "Traceback" not in output
    assert engines(checkout) == []
    assert_whole(checkout)


@pytest.mark.usefixtures("clean_slate")
def test_another_command_waits_its_turn(checkout: Checkout) -> None:
    with checkout.start("up") as busy:
        until(busy, MIDDLE)
        for command in ("down", "clean", "destroy", "cluster", "up"):
            refused = checkout.run(command)
            assert refused.returncode == 1
            assert "another command of this checkout is at work" in refused.stdout
        output, _ = busy.communicate(timeout=300)
    assert busy.returncode == 0, output


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
    labels = "owner=helm,name=somebody-elses,status=pending-install,version=1"
    kubectl = checkout.control_plane.kubectl
    kubectl("create", "secret", "generic", "sh.helm.release.v1.somebody-elses.v1", "--namespace=default")
    kubectl("label", "secret", "sh.helm.release.v1.somebody-elses.v1", "--namespace=default", *labels.split(","))
    try:
        checkout.run("up")
        assert "somebody-elses" in kubectl("get", "secrets", "--namespace=default", "--output=name")
    finally:
        kubectl("delete", "secret", "sh.helm.release.v1.somebody-elses.v1", "--namespace=default")
