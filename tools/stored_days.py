"""The days of the synthetic platform in a real Prometheus, with what the catalogue's rules make of them.

Samples are written by promtool, day after day a week apart, so that each is the week before of the next one.
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

FOLDER: Final = PROJECT / ".state" / "days"
_BLOCK_SECONDS: Final = 2 * 3600
"""How much Prometheus puts into one block."""
# What is written at each scrape or evaluation is gone soon after the last one, as where Prometheus marks it as stale.
_OPTIONS: Final = (
    f"--query.lookback-delta={STEP_SECONDS + SCRAPE_SECONDS // 2}s",
    "--storage.tsdb.retention.time=10y",
    # Blocks are shared by whoever asks: nobody writes them anew.
    "--no-storage.tsdb.allow-overlapping-compaction",
    f"--storage.tsdb.min-block-duration={_BLOCK_SECONDS}s",
    f"--storage.tsdb.max-block-duration={_BLOCK_SECONDS}s",
)


@dataclass(frozen=True)
class StoredDay:
    """A day that is stored; `begins` and `ends` are its first and last moment, in seconds since 1970."""

    day: Day
    begins: int

    @property
    def ends(self) -> int:
        """Its last scrape."""
        return self.begins + DAY - SCRAPE_SECONDS


def stored_days() -> dict[str, StoredDay]:
    """The days, by name, as they are stored."""
    known = days.load(targets.load())
    return {name: StoredDay(day, days.START + number * days.WEEK) for number, (name, day) in enumerate(known.items())}


@contextlib.contextmanager
def serve(report: Callable[[str], None] = lambda _: None, folder: Path = FOLDER) -> Iterator[str]:
    """A Prometheus with all days; its value is its address. They are written once for what they are made of.

    Raises:
        ProcessError: Prometheus does not become ready.
    """
    folder.mkdir(parents=True, exist_ok=True)
    whole = folder / _version()
    with FileLock(folder / "lock"):
        if not whole.exists():
            for old in folder.glob("*/"):
                shutil.rmtree(old)
            _write(folder / "unfinished", report)
            (folder / "unfinished").rename(whole)
    # Several may ask at once, and each Prometheus wants its data for itself.
    with _linked_copy(whole) as copy, prometheus(copy, *_OPTIONS) as address:
        yield address


def _version() -> str:
    """A short name for all that the days are made of."""
    files = [path for name in ("rules", "catalogue", "synthetic") for path in sorted((PROJECT / name).rglob("*.[py]*"))]
    content = b"".join(path.read_bytes() for path in files if path.suffix in (".py", ".yaml"))
    return hashlib.sha256(content).hexdigest()[:12]


@contextlib.contextmanager
def _linked_copy(whole: Path) -> Iterator[Path]:
    """A folder of one's own with the same blocks, which are never changed, as links."""
    with tempfile.TemporaryDirectory(dir=whole.parent, prefix="asked-") as name:
        shutil.copytree(whole, name, copy_function=os.link, dirs_exist_ok=True)
        yield Path(name)


def _write(folder: Path, report: Callable[[str], None]) -> None:
    folder.mkdir()
    (folder / CONFIGURATION).write_text("{}\n")
    every = stored_days()
    platform = targets.load()
    for name, stored in every.items():
        report(f"writing the day {name}")
        backfill(folder, stored.day.samples(platform, stored.begins))
    for number, wave in enumerate(waves(_rules()), 1):
        report(f"evaluating rules, wave {number}: {len(wave)}")
        with prometheus(folder, *_OPTIONS) as address:
            found = [
                sample
                for rule in wave
                for stored in every.values()
                for sample in evaluate(address, rule, stored.begins, stored.ends)
            ]
        backfill(folder, sorted(found, key=lambda sample: sample.moment))
    for path in (folder / "data").iterdir():
        if not (path / "meta.json").exists():
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _rules() -> Sequence[Rule]:
    files = for_stack().render(runbook_base="", grafana_base="")
    return [rule for file in files.values() for group in file["groups"] for rule in group["rules"]]


def backfill(folder: Path, samples: Iterable[Sample]) -> None:
    """Add samples, in the order of time, to the data of a folder; block by block, as promtool reads a file for each."""
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
    written = ",".join(f'{label}="{_escape(value)}"' for label, value in labels if value)
    return f"{name}{{{written}}}"


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
