"""Leftovers of a real node on this machine, apart from its data."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from local.nodes import cgroups
from local.nodes.layout import NodeLayout
from local.processes import MARK
from local.tools.debian import library_environment, program

NAMESPACES: Final = ("net", "mnt", "pid", "ipc", "uts")


@dataclass(frozen=True)
class Leftovers:
    """Processes, cgroups, mounts and namespaces of an environment."""

    processes: frozenset[str]
    cgroups: frozenset[str]
    mounts: frozenset[str]
    namespaces: frozenset[str]


@dataclass(frozen=True)
class MachineState:
    """State of the machine that an environment must not change."""

    interfaces: frozenset[str]
    mounts: frozenset[str]
    firewall: str


def find_leftovers(state: Path) -> Leftovers:
    """Find processes, cgroups, mounts and namespaces of an environment."""
    identifier = NodeLayout(state).identifier
    processes = list(_processes(state, identifier))
    return Leftovers(
        frozenset(f"{process.pid} {_name(process)}" for process in processes),
        frozenset(str(folder) for each in cgroups.hierarchies() if (folder := each / identifier).exists()),
        frozenset(line for line in _mounts() if str(state) in line or identifier in line),
        frozenset(found for process in processes for found in _namespaces(process.pid))
        - frozenset(_namespaces("self")),
    )


def machine_state() -> MachineState:
    """Return network interfaces, mounts and firewall rules of the machine."""
    return MachineState(
        frozenset(path.name for path in Path("/sys/class/net").iterdir()), frozenset(_mounts()), _firewall()
    )


def _processes(state: Path, identifier: str) -> Iterator[psutil.Process]:
    """Yield processes with the mark, the cgroup or the state folder."""
    grouped = cgroups.processes(identifier)
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            marked = process.environ().get(MARK, "").startswith(f"{state}:")
            if marked or process.pid in grouped or any(str(state) in word for word in process.cmdline()):
                yield process


def _name(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return process.name()
    return "ended"


def _namespaces(process: int | str) -> Iterator[str]:
    for kind in NAMESPACES:
        with contextlib.suppress(OSError):
            yield str(Path(f"/proc/{process}/ns/{kind}").readlink())


def _mounts() -> list[str]:
    return Path("/proc/self/mountinfo").read_text().splitlines()


def _firewall() -> str:
    """Return all iptables rules, listed with the program that the node uses."""
    tool = program("xtables-nft-multi", "iptables")
    environment = os.environ | (library_environment(tool) or {})
    result = subprocess.run(
        [str(tool), "iptables-save"], env=environment, capture_output=True, text=True, check=False, timeout=20
    )
    assert result.returncode == 0, result.stderr
    return "\n".join(line for line in result.stdout.splitlines() if not line.startswith("#"))
