"""Evidence that the metrics of rules and boards exist, as written by `make proof`."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from common.project import RULES

# Written by `make proof`.
EVIDENCE: Final = RULES / "metric_evidence.json"


@dataclass(frozen=True)
class EvidenceSummary:
    """Number of metrics that rules and boards read.

    Attributes:
        total: All of them.
        live: Found in the output of a running exporter.
        listed: Listed with their source, because no exporter here can expose them.
    """

    total: int
    live: int
    listed: int

    def __str__(self) -> str:
        """Return the figures as one line."""
        return f"{self.total} metrics read: {self.live} found live, {self.listed} listed with their source"


def load(path: Path = EVIDENCE) -> Mapping[str, Mapping[str, str]]:
    """Load `state` (live or listed) and `source` of every metric that is read."""
    metrics: Mapping[str, Mapping[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return metrics


def summarize(metrics: Mapping[str, Mapping[str, str]]) -> EvidenceSummary:
    """Return the number of metrics by state."""
    states = Counter(metric["state"] for metric in metrics.values())
    return EvidenceSummary(total=len(metrics), live=states["live"], listed=states["listed"])
