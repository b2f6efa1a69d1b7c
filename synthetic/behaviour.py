"""How a series goes on, and what it stands at after a while."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Kind = Literal["counter", "gauge", "histogram"]


class Behaviour(BaseModel):
    """A counter's or histogram's rate a second, a gauge's value, or a gauge's time so many seconds from now.

    `seconds` is a histogram's share of observations by how long each took. `reached_in` lets a gauge move evenly to its
    value in so many seconds, from where it stood.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    rate: float | None = Field(default=None, ge=0)
    value: float | None = None
    seconds_ahead: float | None = None
    seconds: dict[float, float] = Field(default_factory=dict)
    reached_in: float = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [name for name in ("rate", "value", "seconds_ahead") if getattr(self, name) is not None]
        if len(given) > 1 or (self.seconds and given not in (["rate"], [])):
            raise ValueError("one of rate, value and seconds_ahead; seconds with a rate only")
        if self.seconds and abs(sum(self.seconds.values()) - 1) > 1e-9:
            raise ValueError("shares in seconds that add up to 1")
        return self

    @property
    def kind(self) -> Kind:
        """What exposes it."""
        if self.seconds:
            return "histogram"
        return "gauge" if self.rate is None else "counter"

    @property
    def fields(self) -> frozenset[str]:
        """What a change of it may set."""
        if self.seconds:
            return frozenset({"rate", "seconds"})
        if self.value is not None:
            return frozenset({"value", "reached_in"})
        return frozenset({"rate" if self.seconds_ahead is None else "seconds_ahead"})


Segment = tuple[Behaviour, float]
"""A course, and for how many seconds it was kept."""


def counter_value(stretches: Sequence[Segment]) -> float:
    """Where a counter stands that began at 0."""
    return sum((course.rate or 0) * lasted for course, lasted in stretches)


def bucket_count(stretches: Sequence[Segment], bound: float) -> float:
    """How many observations of a histogram took at most so many seconds."""
    return sum(
        (course.rate or 0) * lasted * share
        for course, lasted in stretches
        for took, share in course.seconds.items()
        if took <= bound
    )


def histogram_sum(stretches: Sequence[Segment]) -> float:
    """How long all observations of a histogram took together."""
    return sum(
        (course.rate or 0) * lasted * took * share
        for course, lasted in stretches
        for took, share in course.seconds.items()
    )


def gauge_value(stretches: Sequence[Segment], now: float) -> float:
    """Where a gauge stands, `now` in seconds since 1970."""
    stands = 0.0
    for course, lasted in stretches:
        if course.seconds_ahead is not None:
            stands = now + course.seconds_ahead
        else:
            goes = (course.value or 0) - stands
            stands += goes if lasted >= course.reached_in else goes * lasted / course.reached_in
    return stands
