"""Whether what rules and boards read exists: asked of a Prometheus that scrapes every real process there is."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from synthetic.server import served
from synthetic.targets import load
from synthetic.world import World
from tests.engine.checkout import Checkout
from tests.proof.databases import missing
from tests.proof.processes import exporters, prometheus
from tests.proof.reads import Read, reads
from tests.proof.scraping import Place, Stored

LISTED: Final[Mapping[str, Any]] = yaml.safe_load(Path(__file__).with_name("listed.yaml").read_text())
COMPONENTS: Final = ("api", "worker", "webhook-dispatcher")
PATIENCE: Final = 60.0


@dataclass(frozen=True)
class Finding:
    """What became of one selector: the labels that no series has, and whether there is any series at all."""

    read: Read
    found: bool
    lacks: frozenset[str]

    @property
    def proven(self) -> bool:
        """Whether there is a series with these matchers, and each label on one."""
        return self.found and not self.lacks


def prove(checkout: Checkout, state: Path) -> tuple[list[Finding], list[dict[str, Any]]]:
    """Ask for every selector until all are proven or time is up; also the targets that were scraped."""
    with served(World(load())) as address:
        port = int(address.rpartition(":")[2])
        platform = {f"service-{name}/0": Place(port, f"/{name}/0/metrics") for name in COMPONENTS}
        with (
            exporters(checkout, state, missing()) as places,
            prometheus(checkout, state, {**platform, **places}) as stored,
        ):
            return _asked(stored, reads()), stored.targets()


def _asked(stored: Stored, wanted: Iterable[Read]) -> list[Finding]:
    found: dict[str, Finding] = {}
    open_reads = list(wanted)
    deadline = time.monotonic() + PATIENCE
    while open_reads and time.monotonic() < deadline:
        time.sleep(1)
        for read in open_reads:
            found[read.selector] = _ask(stored, read)
        open_reads = [read for read in open_reads if not found[read.selector].proven and not listed(read)]
    return list(found.values())


def _ask(stored: Stored, read: Read) -> Finding:
    series = stored.series(read.selector)
    has = frozenset(label for labels in series for label in labels)
    return Finding(read, bool(series), read.labels - has)


def listed(read: Read) -> bool:
    """Whether a selector is one of those that cannot be had here."""
    return any(read.selector in entry["selectors"] for entry in LISTED.values())
