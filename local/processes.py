"""Processes that outlive their command, identified by their owner and an environment mark."""

from __future__ import annotations

import contextlib
import os
import random
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

# Environment variable that marks our processes independently of files: `<state folder>:<name>`.
MARK: Final = "BAIS_EMBEDDED_PROCESS"
# Parents of kernel threads on Linux, which have no environment.
KERNEL_PARENTS: Final = (0, 2)
PORTS: Final = range(20000, 30000)
# Maximum seconds of an exec.
EXEC_TIMEOUT: Final = 2.0
# Seconds between SIGTERM and SIGKILL.
GRACE_PERIOD: Final = 10.0


# References to Popen objects: one that is garbage-collected while its process runs raises a warning.
_STARTED: list[subprocess.Popen[bytes]] = []
# Protects the list, because several threads start and stop processes.
_STARTING: Final = threading.Lock()


class ProcessError(Exception):
    """A process did not become ready; the message has the end of its log."""

    def __init__(self, name: str, reason: str, log: Path) -> None:
        lines = log.read_text(errors="replace").rstrip().splitlines()[-8:] if log.exists() else []
        shown = "\n".join(f"    {line[:300]}" for line in lines)
        super().__init__(f"{name} {reason}\n{shown}\n  full log: {log}")


@dataclass(frozen=True, kw_only=True)
class Program:
    """One process of an environment.

    Attributes:
        name: Name of the process, unique in the environment.
        arguments: Command line.
        environment: Additional environment variables.
        ready: Returns whether the process is ready.
    """

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], bool] = field(default=lambda: True)


def start(program: Program, state: Path) -> psutil.Process:
    """Start a program in a new session, with its output in `<state>/logs/<name>.log`."""
    path = _log_path(state, program.name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    variables = os.environ | program.environment | {MARK: f"{state}:{program.name}"}
    with path.open("a") as log:
        process = subprocess.Popen(
            list(program.arguments),
            cwd=state,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    with _STARTING:
        _STARTED.append(process)
    return psutil.Process(process.pid)


def _log_path(state: Path, name: str) -> Path:
    return state / "logs" / f"{name}.log"


@contextlib.contextmanager
def run_program(program: Program, state: Path) -> Iterator[None]:
    """Run a program while the context lasts; it is ready at the start.

    Raises:
        ProcessError: the program does not become ready.
    """
    process = start(program, state)
    try:
        wait_ready(program, process, state)
        yield
    finally:
        end([process])


def wait_ready(program: Program, process: psutil.Process, state: Path, timeout: float = 60.0) -> None:
    """Wait until the program is ready.

    Raises:
        ProcessError: the process exited, or `timeout` seconds passed.
    """
    log = _log_path(state, program.name)
    deadline = time.monotonic() + timeout
    while not program.ready():
        if not is_alive(process):
            raise ProcessError(program.name, "exited during startup", log)
        if time.monotonic() > deadline:
            raise ProcessError(program.name, f"not ready within {timeout:.0f} s", log)
        time.sleep(0.1)


def running(state: Path) -> dict[str, psutil.Process]:
    """Return the running processes of a state folder by name."""
    found = {}
    for process in psutil.process_iter():
        try:
            owner, _, name = environment(process).get(MARK, "").rpartition(":")
        except (psutil.Error, OSError):  # exited, or not accessible
            continue
        if owner == str(state) and _is_ours(process, state, name) and _is_started(process) and is_alive(process):
            found[name] = process
    return found


def _is_ours(process: psutil.Process, state: Path, name: str) -> bool:
    """Return whether this user started a process, because every user can set the mark.

    A program that has given up root belongs to another user, but still writes to its log, which no other user can open.
    """
    with contextlib.suppress(psutil.Error, OSError):
        if process.uids().effective == os.geteuid():
            return True
        output = Path(f"/proc/{process.pid}/fd/2")
        return output.samefile(_log_path(state, name))
    return False


def _is_started(process: psutil.Process) -> bool:
    """Return whether a process was started by `start`.

    Its children inherit the mark and the session.
    """
    with contextlib.suppress(OSError):
        return os.getsid(process.pid) == process.pid
    return False


def environment(process: psutil.Process) -> dict[str, str]:
    """Return the environment of a process, and wait while it is empty during an exec.

    An exec can be slow on a busy machine. A process with a command line but no environment was started without one.
    """
    deadline, attempts = time.monotonic() + EXEC_TIMEOUT, 5
    while not (variables := process.environ()) and process.ppid() not in KERNEL_PARENTS:
        attempts -= bool(process.cmdline())
        if not attempts or time.monotonic() > deadline:
            break
        time.sleep(0.01)
    return variables


def is_alive(process: psutil.Process) -> bool:
    """Return whether a process runs; zombies do not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def end(processes: Iterable[psutil.Process]) -> None:
    """Stop processes with SIGTERM, and with SIGKILL after GRACE_PERIOD seconds."""
    stopping = list(processes)
    for process in stopping:
        _ignore_ended(process.terminate)
    still_running = _wait_for_end(stopping)
    for process in still_running:
        _ignore_ended(process.kill)
    _wait_for_end(still_running)
    with _STARTING:
        _STARTED[:] = [process for process in _STARTED if process.poll() is None]


def _wait_for_end(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Wait for processes to exit and return those that run after GRACE_PERIOD.

    psutil.wait_procs would also wait until the parent has reaped them, which can take seconds.
    """
    deadline = time.monotonic() + GRACE_PERIOD
    while (remaining := [process for process in processes if is_alive(process)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    return remaining


def _ignore_ended(action: Callable[[], None]) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        action()


def free_ports(count: int) -> list[int]:
    """Return unused ports below the ephemeral range of the kernel.

    Raises:
        OSError: there are not enough free ports.
    """
    found: list[int] = []
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise OSError(f"{count} free ports required between {PORTS.start} and {PORTS.stop}, found {len(found)}")


def is_listening(port: int) -> bool:
    """Return whether a loopback port accepts connections."""
    with socket.socket() as connection:
        connection.settimeout(1)
        return connection.connect_ex(("127.0.0.1", port)) == 0
