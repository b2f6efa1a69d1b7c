"""How many of the metrics that rules and boards read were found live, as the existence proof last wrote it."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from common.project import RULES

EVIDENCE: Final = RULES / "metric_evidence.json"


@dataclass(frozen=True)
class EvidenceSummary:
    """Metrics read by rules and boards: how many there are, were scraped live, or are listed with their source."""

    known: int
    live: int
    listed: int


def load(path: Path = EVIDENCE) -> Mapping[str, Mapping[str, str]]:
    """Return every metric that is read, with its `state` (live or listed) and its `source`."""
    metrics: Mapping[str, Mapping[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return metrics


def summarize(metrics: Mapping[str, Mapping[str, str]]) -> EvidenceSummary:
    """Count them."""
    states = Counter(metric["state"] for metric in metrics.values())
    return EvidenceSummary(known=len(metrics), live=states["live"], listed=states["listed"])
