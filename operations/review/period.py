"""The period of a review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from common.durations import parse_duration

PERIODS: Final = ("7d", "30d", "90d")
# Most samples per series of a chart: about one per two pixels.
_MOST_STEPS: Final = 360
_SHORTEST_STEP: Final = 300


@dataclass(frozen=True)
class Period:
    """A period that ends at a time.

    Attributes:
        name: Its length as a Prometheus duration, such as `7d`.
        end: Its end, in seconds since 1970.
    """

    name: str
    end: int

    @property
    def seconds(self) -> int:
        """Return its length."""
        return parse_duration(self.name)

    @property
    def words(self) -> str:
        """Return its length in words."""
        return f"{self.seconds // 86400} days"

    @property
    def begin(self) -> int:
        """Return its begin, in seconds since 1970."""
        return self.end - self.seconds

    @property
    def step(self) -> int:
        """Return the seconds between two samples of its range queries."""
        return max(_SHORTEST_STEP, self.seconds // _MOST_STEPS)
