"""Cgroups of a real node, which contain every process of its pods."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

# Seconds between SIGTERM and SIGKILL.
GRACE_PERIOD: Final = 10.0
# Child cgroup of containerd and its helpers; the kubelet creates those of the pods.
RUNTIME: Final = "runtime"


def hierarchies() -> list[Path]:
    """Return the mount points of cgroups.

    One with version 2, one per controller with version 1.
    """
    found = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields, _, rest = line.partition(" - ")
        if rest.split()[0] in ("cgroup", "cgroup2"):
            found.append(Path(fields.split()[4]))
    return found


def create(identifier: str) -> None:
    """Create a cgroup in every hierarchy."""
    for hierarchy in hierarchies():
        group = hierarchy / identifier
        group.mkdir(exist_ok=True)
        for name in ("cpuset.cpus", "cpuset.mems"):  # version 1: empty in a new cgroup
            if (group / name).exists() and not (group / "cgroup.controllers").exists():
                (group / name).write_text((hierarchy / name).read_text())


def join(identifier: str) -> None:
    """Move this process and its future children to the child cgroup RUNTIME."""
    for hierarchy in hierarchies():
        if (hierarchy / "cgroup.controllers").exists() or hierarchy.name == "pids":
            group = hierarchy / identifier / RUNTIME
            group.mkdir(exist_ok=True)
            (group / "cgroup.procs").write_text(str(os.getpid()))


def processes(identifier: str) -> set[int]:
    """Return the ids of all processes in the cgroup and its descendants."""
    found = set()
    for group in _groups(identifier):
        with contextlib.suppress(OSError):  # removed in the meantime
            found |= {int(word) for word in (group / "cgroup.procs").read_text().split()}
    return found


def end(identifier: str) -> None:
    """Stop every process of the cgroup and remove the cgroup.

    Sends SIGTERM, and SIGKILL after GRACE_PERIOD seconds.

    Raises:
        OSError: a process does not exit.
    """
    signals = {signal.SIGTERM: GRACE_PERIOD, signal.SIGKILL: GRACE_PERIOD}
    for number, timeout in signals.items():
        deadline = time.monotonic() + timeout
        signalled: set[int] = set()
        while (remaining := processes(identifier)) and time.monotonic() < deadline:
            for process in remaining if number == signal.SIGKILL else remaining - signalled:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, number)
            signalled |= remaining
            time.sleep(0.05)
    if remaining:
        raise OSError(f"processes {', '.join(map(str, sorted(remaining)))} of cgroup {identifier} do not exit")
    for group in reversed(list(_groups(identifier))):
        _remove(group)


def _groups(identifier: str) -> Iterator[Path]:
    """Yield the cgroup and its descendants in every hierarchy, parents first."""
    for hierarchy in hierarchies():
        for folder, _, _ in os.walk(hierarchy / identifier):
            yield Path(folder)


def _remove(group: Path) -> None:
    """Remove an empty cgroup; retry while the kernel still counts exited processes."""
    deadline = time.monotonic() + GRACE_PERIOD
    while True:
        try:
            group.rmdir()
            return
        except FileNotFoundError:
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
