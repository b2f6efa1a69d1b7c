"""A real node's cgroups: every process of its pods is in them, so they tell what there is to end."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

# Seconds that pods have to end by themselves before they are killed.
GRACE_PERIOD: Final = 10.0
# Cgroup of containerd and of what it starts beside the pods; theirs are the kubelet's to make.
RUNTIME: Final = "runtime"


def hierarchies() -> list[Path]:
    """Where cgroups are mounted: one folder on a machine with version 2, one for each controller with version 1."""
    found = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields, _, rest = line.partition(" - ")
        if rest.split()[0] in ("cgroup", "cgroup2"):
            found.append(Path(fields.split()[4]))
    return found


def create(identifier: str) -> None:
    """Make a cgroup in every hierarchy."""
    for hierarchy in hierarchies():
        group = hierarchy / identifier
        group.mkdir(exist_ok=True)
        for name in ("cpuset.cpus", "cpuset.mems"):  # of version 1, where a new group has none
            if (group / name).exists() and not (group / "cgroup.controllers").exists():
                (group / name).write_text((hierarchy / name).read_text())


def join(identifier: str) -> None:
    """Put this process, and so whatever it starts, into the part of the cgroup that is not the pods'."""
    for hierarchy in hierarchies():
        if (hierarchy / "cgroup.controllers").exists() or hierarchy.name == "pids":
            group = hierarchy / identifier / RUNTIME
            group.mkdir(exist_ok=True)
            (group / "cgroup.procs").write_text(str(os.getpid()))


def processes(identifier: str) -> set[int]:
    """The ids of all processes in the cgroup and in those below it."""
    found = set()
    for group in _groups(identifier):
        with contextlib.suppress(OSError):  # gone since
            found |= {int(word) for word in (group / "cgroup.procs").read_text().split()}
    return found


def end(identifier: str) -> None:
    """End every process of the cgroup and remove it: ask, wait up to GRACE seconds, then kill.

    Raises:
        OSError: a process does not end, or cannot be ended.
    """
    signals = {signal.SIGTERM: GRACE_PERIOD, signal.SIGKILL: GRACE_PERIOD}
    for number, patience in signals.items():
        deadline = time.monotonic() + patience
        asked: set[int] = set()
        while (left := processes(identifier)) and time.monotonic() < deadline:
            for process in left if number == signal.SIGKILL else left - asked:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, number)
            asked |= left
            time.sleep(0.05)
    if left:
        raise OSError(f"processes {', '.join(map(str, sorted(left)))} of cgroup {identifier} do not end")
    for group in reversed(list(_groups(identifier))):
        _remove(group)


def _groups(identifier: str) -> Iterator[Path]:
    """The cgroup in every hierarchy and all below it, each after the one that it is in."""
    for hierarchy in hierarchies():
        for folder, _, _ in os.walk(hierarchy / identifier):
            yield Path(folder)


def _remove(group: Path) -> None:
    """Remove an empty cgroup; the kernel may need a moment to see that it is."""
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
