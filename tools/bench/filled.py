"""A real Prometheus on loopback that holds as many series as were asked for."""

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
MEMORY: Final = "3GiB"


class BenchError(Exception):
    """No figure can be had: why."""


@dataclass(frozen=True)
class Filled:
    """A Prometheus with its folder, its address, and the moment of its last samples in seconds since 1970."""

    folder: Path
    address: str
    ends: int


@contextlib.contextmanager
def filled(count: int, history: int, ahead: int = 0) -> Iterator[Filled]:
    """Give a Prometheus with so many series, from `history` seconds ago until `ahead` seconds from now.

    Raises:
        BenchError: it has not stored what was written.
        ProcessError: it does not become ready.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        (folder / CONFIGURATION).write_text("{}\n")
        options = ("--web.enable-remote-write-receiver", "--web.enable-lifecycle")
        with prometheus(folder, *options, GOMEMLIMIT=MEMORY) as address:
            ends = int(time.time()) // STEP_SECONDS * STEP_SECONDS + ahead
            written = write(address, generate_series(count, end=ends, seconds=history + ahead, step=STEP_SECONDS))
            if (stored := int(read_metric(address, "prometheus_tsdb_head_series"))) != written:
                raise BenchError(f"{written} series were written, and Prometheus has {stored}")
            yield Filled(folder, address, ends)


def read_metric(address: str, metric: str) -> float:
    """Return what a Prometheus says of itself."""
    with urlopen(f"{address}/metrics", timeout=30) as answer:
        lines = answer.read().decode().splitlines()
    return next(float(line.split()[-1]) for line in lines if line.startswith(f"{metric} "))
