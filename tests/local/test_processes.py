"""Processes are identified by their mark; other processes are not affected."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psutil
import pytest

from local.demo.postgresql import NOBODY_ID
from local.processes import (
    MARK,
    PORTS,
    ProcessError,
    Program,
    end,
    free_ports,
    is_alive,
    is_listening,
    running,
    start,
    wait_ready,
)

SLEEPER: Final = Program(name="sleeper", arguments=["sleep", "60"])


@pytest.fixture(autouse=True)
def nothing_left_behind(tmp_path: Path) -> Iterator[None]:
    yield
    end(running(tmp_path).values())
    assert running(tmp_path) == {}


def test_a_started_process_is_found_again_by_name(tmp_path: Path) -> None:
    process = start(SLEEPER, tmp_path)
    assert running(tmp_path) == {"sleeper": process}


def test_a_process_is_found_at_every_moment_of_an_exec(tmp_path: Path) -> None:
    code = "import os, sys; n = int(sys.argv[1]); n and os.execv(sys.executable, [*sys.orig_argv[:-1], str(n - 1)])"
    arguments = [sys.executable, "-S", "-c", f"{code}; import time; time.sleep(60)", "100"]
    process = start(Program(name="changing", arguments=arguments), tmp_path)
    while process.cmdline()[-1:] != ["0"]:
        assert running(tmp_path) == {"changing": process}


def test_a_process_of_another_state_folder_is_not_listed(tmp_path: Path) -> None:
    start(SLEEPER, tmp_path)
    assert running(tmp_path / "other") == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a process of another user")
def test_a_process_of_another_user_with_our_mark_is_neither_listed_nor_ended(tmp_path: Path) -> None:
    ours = start(SLEEPER, tmp_path)
    environment = {MARK: f"{tmp_path}:stranger"}
    with subprocess.Popen(["sleep", "60"], env=environment, user=NOBODY_ID, start_new_session=True) as stranger:
        try:
            assert running(tmp_path) == {"sleeper": ours}
            end(running(tmp_path).values())
            assert not is_alive(ours)
            assert stranger.poll() is None
        finally:
            stranger.kill()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up its privileges")
def test_a_process_that_has_given_up_root_is_still_ours(tmp_path: Path) -> None:
    code = f"import os, time; os.setresuid({NOBODY_ID}, {NOBODY_ID}, {NOBODY_ID}); print(flush=True); time.sleep(60)"
    program = Program(
        name="unprivileged",
        arguments=[sys.executable, "-S", "-c", code],
        ready=lambda: (tmp_path / "logs" / "unprivileged.log").read_text() == "\n",
    )
    process = start(program, tmp_path)
    wait_ready(program, process, tmp_path)
    assert process.uids().effective == NOBODY_ID
    assert running(tmp_path) == {"unprivileged": process}


def test_a_killed_process_is_not_running(tmp_path: Path) -> None:
    process = start(SLEEPER, tmp_path)
    process.kill()
    process.wait(timeout=5)
    assert running(tmp_path) == {}
    assert not is_alive(process)


def test_stopping_does_not_affect_other_processes(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        try:
            start(SLEEPER, tmp_path)
            end(running(tmp_path).values())
            assert running(tmp_path) == {}
            assert stranger.poll() is None
        finally:
            stranger.terminate()


def test_a_process_that_ignores_sigterm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.processes.GRACE_PERIOD", 0.5)
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
    )
    log = tmp_path / "logs" / "stubborn.log"
    program = Program(
        name="stubborn",
        arguments=[sys.executable, "-c", code],
        ready=lambda: log.read_text() == "ready\n",
    )
    process = start(program, tmp_path)
    wait_ready(program, process, tmp_path)
    end([process])
    assert not is_alive(process)


def test_stopping_an_ended_process_is_not_an_error(tmp_path: Path) -> None:
    process = start(SLEEPER, tmp_path)
    process.kill()
    process.wait(timeout=5)
    end([process])
    assert not psutil.pid_exists(process.pid)


def test_the_error_of_a_process_that_exits_during_startup_has_the_end_of_its_log(tmp_path: Path) -> None:
    program = Program(name="short", arguments=["sh", "-c", "echo it broke"], ready=lambda: False)
    with pytest.raises(ProcessError, match=r"short exited during startup\n    it broke\n  full log: "):
        wait_ready(program, start(program, tmp_path), tmp_path)


def test_waiting_for_a_process_times_out(tmp_path: Path) -> None:
    program = Program(name="slow", arguments=["sleep", "60"], ready=lambda: False)
    with pytest.raises(ProcessError, match="slow not ready within 0 s"):
        wait_ready(program, start(program, tmp_path), tmp_path, timeout=0.2)


def test_free_ports_are_distinct_unused_and_below_the_ephemeral_range() -> None:
    ports = free_ports(10)
    assert len(set(ports)) == 10
    assert all(port in PORTS and not is_listening(port) for port in ports)


def test_a_listening_port_is_detected() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert is_listening(server.getsockname()[1])
