"""The days that are drawn: a Prometheus that has one of them, and from when to when."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from local.prometheus import CONFIGURATION
from local.prometheus import prometheus as started
from local.tools import binary
from tests.dashboards.exposition import openmetrics
from tools.pictures.answers import Range

DAYS: Final = ("healthy", "incident")


@contextlib.contextmanager
def prometheus(day: str) -> Iterator[tuple[str, Range]]:
    """A real Prometheus with a day's data; its value is its address and the time that the boards show."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        end = int(time.time()) // 60 * 60
        (folder / CONFIGURATION).write_text("{}\n")
        (folder / "hour.txt").write_text(openmetrics(end, 3600))
        written = [str(binary("promtool")), "tsdb", "create-blocks-from", "openmetrics", "hour.txt", "data"]
        subprocess.run(written, cwd=folder, check=True, capture_output=True, timeout=60)
        with started(folder) as address:
            yield address, Range(end - 3600, end)
