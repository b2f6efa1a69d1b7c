"""Processes that outlive the command that started them, found again and ended by their id."""

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

# Environment variable by which a process is known as ours, whatever became of files: `<state folder>:<name>`.
MARK: Final = "BAIS_EMBEDDED_PROCESS"
# Parents of the kernel's own threads on Linux, which have no environment at all.
KERNEL_PARENTS: Final = (0, 2)
PORTS: Final = range(20000, 30000)
# Seconds that a process may take at most to become another program.
EXEC_TIMEOUT: Final = 2.0
# Seconds that a process has to end by itself before it is killed.
GRACE_PERIOD: Final = 10.0


# Kept, because a Popen object that goes away while its process runs on counts as a mistake and warns.
_STARTED: list[subprocess.Popen[bytes]] = []
# Held while that list changes: several threads start and end processes.
_STARTING: Final = threading.Lock()


class ProcessError(Exception):
    """A process did not become ready: which one, the end of its log."""

    def __init__(self, name: str, why: str, log: Path) -> None:
        lines = log.read_text(errors="replace").rstrip().splitlines()[-8:] if log.exists() else []
        shown = "\n".join(f"    {line[:300]}" for line in lines)
        super().__init__(f"{name} {why}\n{shown}\n  whole log: {log}")


@dataclass(frozen=True, kw_only=True)
class Program:
    """One process of an environment: what to run and how to tell that it is ready."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], bool] = field(default=lambda: True)


def start(program: Program, state: Path) -> psutil.Process:
    """Start a program in a session of its own, its output in `<state>/logs/<name>.log`."""
    logs = state / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    environment = os.environ | program.environment | {MARK: f"{state}:{program.name}"}
    with (logs / f"{program.name}.log").open("a") as log:
        process = subprocess.Popen(
            list(program.arguments),
            cwd=state,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    with _STARTING:
        _STARTED.append(process)
    return psutil.Process(process.pid)


@contextlib.contextmanager
def run_program(program: Program, state: Path) -> Iterator[None]:
    """Have a program run, and be ready, while the context lasts.

    Raises:
        ProcessError: it does not become ready.
    """
    process = start(program, state)
    try:
        wait_ready(program, process, state)
        yield
    finally:
        end([process])


def wait_ready(program: Program, process: psutil.Process, state: Path, timeout: float = 60.0) -> None:
    """Wait until the program says that it is ready.

    Raises:
        ProcessError: it ended, or `timeout` seconds passed.
    """
    log = state / "logs" / f"{program.name}.log"
    deadline = time.monotonic() + timeout
    while not program.ready():
        if not is_alive(process):
            raise ProcessError(program.name, "ended while starting", log)
        if time.monotonic() > deadline:
            raise ProcessError(program.name, f"was not ready within {timeout:.0f} s", log)
        time.sleep(0.1)


def running(state: Path) -> dict[str, psutil.Process]:
    """The living processes started for this state folder, by name."""
    found = {}
    for process in psutil.process_iter():
        try:
            owner, _, name = _environment(process).get(MARK, "").rpartition(":")
        except (psutil.Error, OSError):  # gone, or somebody else's
            continue
        if owner == str(state) and _is_started(process) and is_alive(process):
            found[name] = process
    return found


def _is_started(process: psutil.Process) -> bool:
    """Whether it was started by `start`: its own children have the mark too, but are in its session."""
    with contextlib.suppress(OSError):
        return os.getsid(process.pid) == process.pid
    return False


def _environment(process: psutil.Process) -> dict[str, str]:
    """A process's environment: empty for the moment in which it becomes another program, as its command line is.

    That moment is long on a busy machine. Whoever has a command line and still no environment was started without one.
    """
    deadline, patience = time.monotonic() + EXEC_TIMEOUT, 5
    while not (environment := process.environ()) and process.ppid() not in KERNEL_PARENTS:
        patience -= bool(process.cmdline())
        if not patience or time.monotonic() > deadline:
            break
        time.sleep(0.01)
    return environment


def is_alive(process: psutil.Process) -> bool:
    """Whether the process runs (one that ended but was not collected yet does not)."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def end(processes: Iterable[psutil.Process]) -> None:
    """End these processes: ask, wait up to GRACE seconds, then kill."""
    listed = list(processes)
    for process in listed:
        _ignore_ended(process.terminate)
    stubborn = _wait_for_end(listed)
    for process in stubborn:
        _ignore_ended(process.kill)
    _wait_for_end(stubborn)
    with _STARTING:
        _STARTED[:] = [process for process in _STARTED if process.poll() is None]


def _wait_for_end(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Wait up to GRACE seconds for the end of these processes and return those that still run.

    Not for their collection, which psutil waits for: who inherits a process may take seconds to that.
    """
    deadline = time.monotonic() + GRACE_PERIOD
    while (left := [process for process in processes if is_alive(process)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def _ignore_ended(action: Callable[[], None]) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        action()


def free_ports(count: int) -> list[int]:
    """So many different ports that nothing listens on, below those that the kernel gives to outgoing connections."""
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
    raise OSError(f"{count} free ports wanted between {PORTS.start} and {PORTS.stop}, {len(found)} found")


def is_listening(port: int) -> bool:
    """Whether something accepts connections on a loopback port."""
    with socket.socket() as connection:
        connection.settimeout(1)
        return connection.connect_ex(("127.0.0.1", port)) == 0
