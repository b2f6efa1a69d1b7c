"""A real Prometheus on loopback with a given number of series."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.request import urlopen

from local.prometheus import CONFIGURATION, prometheus
from tools.bench.remote_write import write
from tools.bench.series import generate_series

STEP_SECONDS: Final = 30
# Soft memory limit of Prometheus.
MEMORY: Final = "3GiB"


class BenchError(Exception):
    """The benchmark cannot be measured, with the reason."""


@dataclass(frozen=True)
class Filled:
    """A Prometheus with series; `ends` is the time of its last samples."""

    folder: Path
    address: str
    ends: int


@contextlib.contextmanager
def filled(count: int, history: int, ahead: int = 0) -> Iterator[Filled]:
    """Run a Prometheus with `count` series.

    They reach from `history` seconds ago to `ahead` seconds from now.

    Raises:
        BenchError: if it has not stored all series.
        ProcessError: if it does not become ready.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        (folder / CONFIGURATION).write_text("{}\n")
        options = ("--web.enable-remote-write-receiver", "--web.enable-lifecycle")
        with prometheus(folder, *options, GOMEMLIMIT=MEMORY) as address:
            ends = int(time.time()) // STEP_SECONDS * STEP_SECONDS + ahead
            written = write(address, generate_series(count, end=ends, seconds=history + ahead, step=STEP_SECONDS))
            if (stored := int(read_metric(address, "prometheus_tsdb_head_series"))) != written:
                raise BenchError(f"{written} series were written, but Prometheus has {stored}")
            yield Filled(folder, address, ends)


def read_metric(address: str, metric: str) -> float:
    """Return the value of one of its own metrics."""
    with urlopen(f"{address}/metrics", timeout=30) as response:
        lines = response.read().decode().splitlines()
    return next(float(line.split()[-1]) for line in lines if line.startswith(f"{metric} "))
