"""The worst problems of a period, in a fixed order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from operations.review.model import Finding, Impact, Worst

MOST: Final = 3
_RANK: Final = {impact: rank for rank, impact in enumerate(Impact)}
# How the problems are ordered, for the report.
ORDER: Final = f"One problem per area, ordered by its worst finding: {', '.join(impact.value for impact in Impact)}."
_MOST_FINDINGS: Final = 3


def worst(findings: Iterable[Finding]) -> tuple[Worst, ...]:
    """Return the worst problems: areas by their worst finding, each with its worst findings."""
    by_area: dict[str, list[Finding]] = {}
    for finding in sorted(findings, key=lambda each: (_RANK[each.impact], -each.weight, each.area, each.text)):
        by_area.setdefault(finding.area, []).append(finding)
    return tuple(
        Worst(area=area, findings=tuple(found[:_MOST_FINDINGS])) for area, found in list(by_area.items())[:MOST]
    )
