"""Runs of a check in a process of its own, with limits on time and memory."""

from __future__ import annotations

import os
import resource
import select
import signal
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

# Returns the problems of a run, in one line each.
Check = Callable[[], Sequence[str]]
# Of processor time, which unlike the time on the clock does not depend on the load of the machine.
SECONDS: Final = 5
MEGABYTES: Final = 500
# A run that waits for something uses no processor time.
_CLOCK_SECONDS: Final[float] = 60
_TRACEBACK: Final = "\x00traceback\n"


@dataclass(frozen=True)
class Trial:
    """A finished run: its problems, the traceback if it failed, and what it used."""

    problems: tuple[str, ...]
    traceback: str
    seconds: float
    megabytes: float
    is_complete: bool

    @property
    def fault(self) -> str:
        """Return what is wrong with the run: `traceback`, `hang`, `memory`, `unclear`, or nothing."""
        if self.traceback:
            return "traceback"
        if not self.is_complete or self.seconds > SECONDS:
            return "hang"
        if self.megabytes > MEGABYTES:
            return "memory"
        return "unclear" if any(not line.isprintable() or not line for line in self.problems) else ""


@dataclass(frozen=True)
class Running:
    """A started run; `reader` becomes readable when it has a result."""

    pid: int
    reader: int
    started: float


def start(check: Check) -> Running:
    """Start a check, which returns its problems in one line each, in a process of its own."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        # The copy of this process must never return to the caller.
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS * 2, SECONDS * 2 + 1))
            _send(writer, _result(check))
        finally:
            os._exit(0)
    os.close(writer)
    return Running(pid, reader, time.monotonic())


def _result(check: Check) -> str:
    try:
        # A line break in a problem becomes another separator, so that it remains visible.
        return "\x01".join(check())
    except BaseException:  # What is wrong with it is the result.
        return _TRACEBACK + traceback.format_exc()


def _send(writer: int, text: str) -> None:
    with os.fdopen(writer, "wb") as pipe:
        pipe.write(text.encode("utf-8", "surrogatepass"))


def finish(running: Running) -> Trial:
    """Wait for a run and return its result; end it after its time on the clock."""
    chunks: list[bytes] = []
    is_complete = True
    while True:
        left = running.started + _CLOCK_SECONDS - time.monotonic()
        if left <= 0 or not select.select([running.reader], [], [], left)[0]:
            os.kill(running.pid, signal.SIGKILL)
            is_complete = False
            break
        if not (chunk := os.read(running.reader, 65536)):
            break
        chunks.append(chunk)
    os.close(running.reader)
    _, status, used = os.wait4(running.pid, 0)
    is_complete = is_complete and not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU)
    text = b"".join(chunks).decode("utf-8", "surrogatepass")
    if os.WIFSIGNALED(status) and is_complete:
        text = f"{_TRACEBACK}ended by signal {os.WTERMSIG(status)}"
    has_failed = text.startswith(_TRACEBACK)
    return Trial(
        problems=() if has_failed or not text else tuple(text.split("\x01")),
        traceback=text.removeprefix(_TRACEBACK) if has_failed else "",
        seconds=used.ru_utime + used.ru_stime,
        megabytes=used.ru_maxrss / 1024,
        is_complete=is_complete,
    )
