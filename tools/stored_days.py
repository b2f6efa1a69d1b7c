"""Days of the synthetic platform in a real Prometheus.

The samples are backfilled with promtool. The days are one week apart, so that each is compared with the previous one.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from filelock import FileLock

from catalogue.stack import for_stack
from common.project import PROJECT
from local.prometheus import CONFIGURATION, prometheus
from local.tools.toolset import binary
from synthetic import days, targets
from synthetic.days import DAY, SCRAPE_SECONDS, Day, Sample
from synthetic.evaluation import STEP_SECONDS, Rule, evaluate, waves

# Cache of the stored days.
FOLDER: Final = PROJECT / ".state" / "days"
# Duration of a Prometheus block.
_BLOCK_SECONDS: Final = 2 * 3600
# The rules are evaluated for this long after the last scrape of this day, as Prometheus does when scraping stops. It is
# the last day: whatever fires then is within no review of another day, and in no usual level.
STOPPED_SECONDS: Final = 25 * 60
_STOPS: Final = "incident"
# The short lookback ends a series soon after its last sample, because backfilled series have no staleness markers.
_OPTIONS: Final = (
    f"--query.lookback-delta={STEP_SECONDS + SCRAPE_SECONDS // 2}s",
    "--storage.tsdb.retention.time=10y",
    # Blocks are shared between processes and must not be compacted.
    "--no-storage.tsdb.allow-overlapping-compaction",
    f"--storage.tsdb.min-block-duration={_BLOCK_SECONDS}s",
    f"--storage.tsdb.max-block-duration={_BLOCK_SECONDS}s",
)


@dataclass(frozen=True)
class StoredDay:
    """A stored day.

    `begins` and `ends` are its first and last sample, in seconds since 1970.
    """

    day: Day
    begins: int

    @property
    def ends(self) -> int:
        """Return the time of the last scrape."""
        return self.begins + DAY - SCRAPE_SECONDS

    @property
    def evaluated_until(self) -> int:
        """Return the time of the last evaluation of the rules."""
        return self.ends + (STOPPED_SECONDS if self.day.name == _STOPS else 0)


def stored_days() -> dict[str, StoredDay]:
    """Return the stored days by name."""
    known = days.load(targets.load())
    return {name: StoredDay(day, days.START + number * days.WEEK) for number, (name, day) in enumerate(known.items())}


def moments_without_data() -> dict[str, int]:
    """Return the times at which nothing is known by name: without any data, and after scraping has stopped."""
    return {"nothing": days.START - DAY, "stopped": stored_days()[_STOPS].evaluated_until}


@contextlib.contextmanager
def serve(report: Callable[[str], None] = lambda _: None, folder: Path = FOLDER) -> Iterator[str]:
    """Run a Prometheus with all days and yield its address.

    The days are written once, and again after a change of rules, catalogue or synthetic platform.

    Raises:
        ProcessError: if Prometheus does not become ready.
    """
    folder.mkdir(parents=True, exist_ok=True)
    complete = folder / _version()
    with FileLock(folder / "lock"):
        if not complete.exists():
            for old in folder.glob("*/"):
                shutil.rmtree(old)
            _write(folder / "unfinished", report)
            (folder / "unfinished").rename(complete)
    # Several processes can run at once, and each Prometheus locks its data folder.
    with _linked_copy(complete) as copy, prometheus(copy, *_OPTIONS) as address:
        yield address


def _version() -> str:
    """Return a digest of all files on which the days depend."""
    files = [path for name in ("rules", "catalogue", "synthetic") for path in sorted((PROJECT / name).rglob("*.[py]*"))]
    files.append(Path(__file__))
    content = b"".join(path.read_bytes() for path in files if path.suffix in (".py", ".yaml"))
    return hashlib.sha256(content).hexdigest()[:12]


@contextlib.contextmanager
def _linked_copy(source: Path) -> Iterator[Path]:
    """Yield a copy of a data folder with hard links to its blocks, which never change."""
    with tempfile.TemporaryDirectory(dir=source.parent, prefix="copy-") as name:
        shutil.copytree(source, name, copy_function=os.link, dirs_exist_ok=True)
        yield Path(name)


def _write(folder: Path, report: Callable[[str], None]) -> None:
    folder.mkdir()
    (folder / CONFIGURATION).write_text("{}\n")
    every = stored_days()
    platform = targets.load()
    for name, stored in every.items():
        report(f"writing day {name}")
        backfill(folder, stored.day.samples(platform, stored.begins))
    for number, wave in enumerate(waves(_rules()), 1):
        report(f"evaluating wave {number}: {len(wave)} rules")
        with prometheus(folder, *_OPTIONS) as address:
            found = [
                sample
                for rule in wave
                for stored in every.values()
                for sample in evaluate(address, rule, stored.begins, stored.evaluated_until)
            ]
        backfill(folder, sorted(found, key=lambda sample: sample.moment))
    for path in (folder / "data").iterdir():
        if not (path / "meta.json").exists():
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _rules() -> Sequence[Rule]:
    files = for_stack().render(runbook_base="", grafana_base="")
    return [rule for file in files.values() for group in file["groups"] for rule in group["rules"]]


def backfill(folder: Path, samples: Iterable[Sample]) -> None:
    """Add samples, ordered by time, to a data folder, one block at a time."""
    for _, part in itertools.groupby(samples, key=lambda sample: sample.moment // _BLOCK_SECONDS):
        with (folder / "block.txt").open("w") as file:
            file.writelines(f"{_render_sample(each)}\n" for each in part)
            file.write("# EOF\n")
        command = [str(binary("promtool")), "tsdb", "create-blocks-from", "openmetrics", "block.txt", "data"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    (folder / "block.txt").unlink(missing_ok=True)


def _render_sample(sample: Sample) -> str:
    return f"{_render_series(sample.name, tuple(sample.labels.items()))} {sample.value!r} {sample.moment}"


@functools.cache
def _render_series(name: str, labels: tuple[tuple[str, str], ...]) -> str:
    pairs = ",".join(f'{label}="{_escape(value)}"' for label, value in labels if value)
    return f"{name}{{{pairs}}}"


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
