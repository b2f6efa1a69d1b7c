"""Section: growth of the volumes, and the days until they are full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from common.words import counted
from operations.review import charts
from operations.review.data import ReviewData
from operations.review.formats import days, share, size
from operations.review.model import Chart, Column, Finding, Impact, Kind, Section, table

TITLE: Final = "Storage"
_DAY: Final = 86400
# Time to decide on a larger volume and to grow it.
_SOON_DAYS: Final = 30
# A change of less than this share of the volume per day is not growth.
_LEAST_GROWTH: Final = 0.0005
_COLUMNS: Final = (
    Column("claim"),
    Column("size", Kind.BYTES),
    Column("used", Kind.SHARE),
    Column("growth per day", Kind.BYTES),
    Column("days until full"),
)


@dataclass(frozen=True)
class _Claim:
    name: str
    capacity: float
    used: Mapping[int, float]

    @property
    def used_share(self) -> float:
        return self.used[max(self.used)] / self.capacity

    @property
    def growth(self) -> float | None:
        """Return the bytes per day; None if there are too few samples for a trend."""
        slope = trend(self.used)
        return None if slope is None else slope * _DAY

    @property
    def days_left(self) -> float | None:
        """Return the days until it is full; None if it does not grow, or if that is unknown."""
        growth = self.growth
        if growth is None or growth < self.capacity * _LEAST_GROWTH:
            return None
        return (self.capacity - self.used[max(self.used)]) / growth


def section(data: ReviewData) -> Section:
    """Return the claims of the stack and of BAIS, those that are full first before the others."""
    capacities = {_name(one.labels): one.last for one in data.readings.series("claims_capacity")}
    claims = [
        _Claim(name, capacities[name], {at: capacities[name] - free for at, free in one.values.items()})
        for one in data.readings.series("claims_available")
        if capacities.get(name := _name(one.labels))
    ]
    claims.sort(key=lambda claim: (claim.days_left or float("inf"), -claim.used_share, claim.name))
    soon = [claim for claim in claims if claim.days_left is not None and claim.days_left < _SOON_DAYS]
    if soon:
        first = soon[0]
        conclusion = (
            f"{len(soon)} of {counted(len(claims), 'claim')} full within {_SOON_DAYS} days: "
            f"{first.name} in {days(first.days_left or 0)}."
        )
    else:
        conclusion = (
            f"No claim of {len(claims)} is full within {_SOON_DAYS} days; the fullest is at "
            f"{share(max((claim.used_share for claim in claims), default=0))}."
        )
    rows = [(claim.name, claim.capacity, claim.used_share, claim.growth, _until_full(claim)) for claim in claims]
    lines = {claim.name: {at: used / claim.capacity for at, used in claim.used.items()} for claim in claims}
    svg = charts.lines("Share of each claim in use; full at 100 %", lines, charts.percent, reference=1)
    return Section(
        title=TITLE,
        conclusion=conclusion,
        tables=(table(_COLUMNS, rows),),
        charts=(Chart("storage", "Storage in use", svg),),
        findings=tuple(_finding(claim) for claim in soon),
    )


def trend(values: Mapping[int, float]) -> float | None:
    """Return the change per second by least squares; None for less than three samples."""
    if len(values) < 3:
        return None
    mean_time, mean_value = sum(values) / len(values), sum(values.values()) / len(values)
    spread = sum((at - mean_time) ** 2 for at in values)
    return sum((at - mean_time) * (value - mean_value) for at, value in values.items()) / spread


def _name(labels: Mapping[str, str]) -> str:
    return f"{labels.get('namespace', '')}/{labels.get('persistentvolumeclaim', '')}"


def _until_full(claim: _Claim) -> str:
    if claim.growth is None:
        return "unknown"
    return "does not grow" if claim.days_left is None else f"{claim.days_left:.0f}"


def _finding(claim: _Claim) -> Finding:
    left = claim.days_left or 0
    text = (
        f"The volume of {claim.name} will be full in {days(left)}: it has {size(claim.capacity)} "
        f"and grows by {size(claim.growth or 0)} per day."
    )
    return Finding(Impact.STORAGE_FULL_SOON, -left, "storage", text)
