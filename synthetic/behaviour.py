"""Behaviour of a synthetic series over time, and the values that result from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Kind = Literal["counter", "gauge", "histogram"]


class Behaviour(BaseModel):
    """Behaviour of a series.

    Attributes:
        rate: Increase of a counter, or observations of a histogram, per second.
        value: Value of a gauge.
        seconds_ahead: Value of a gauge that holds a timestamp, in seconds from now.
        seconds: Distribution of a histogram: share of the observations by their duration in seconds.
        reached_in: Seconds in which a gauge moves linearly from its previous value to `value`.
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
            raise ValueError("exactly one of rate, value and seconds_ahead; seconds only with a rate")
        if self.seconds and abs(sum(self.seconds.values()) - 1) > 1e-9:
            raise ValueError("shares in seconds with a sum of 1")
        return self

    @property
    def kind(self) -> Kind:
        """Return the metric type."""
        if self.seconds:
            return "histogram"
        return "gauge" if self.rate is None else "counter"

    @property
    def fields(self) -> frozenset[str]:
        """Return the fields that a scenario can change."""
        if self.seconds:
            return frozenset({"rate", "seconds"})
        if self.value is not None:
            return frozenset({"value", "reached_in"})
        return frozenset({"rate" if self.seconds_ahead is None else "seconds_ahead"})


# A behaviour and its duration in seconds.
Segment = tuple[Behaviour, float]


def counter_value(segments: Sequence[Segment]) -> float:
    """Return the value of a counter that started at 0."""
    return sum((behaviour.rate or 0) * duration for behaviour, duration in segments)


def bucket_count(segments: Sequence[Segment], bound: float) -> float:
    """Return the number of observations of at most `bound` seconds."""
    return sum(
        (behaviour.rate or 0) * duration * share
        for behaviour, duration in segments
        for seconds, share in behaviour.seconds.items()
        if seconds <= bound
    )


def histogram_sum(segments: Sequence[Segment]) -> float:
    """Return the sum of all observations of a histogram, in seconds."""
    return sum(
        (behaviour.rate or 0) * duration * seconds * share
        for behaviour, duration in segments
        for seconds, share in behaviour.seconds.items()
    )


def gauge_value(segments: Sequence[Segment], now: float) -> float:
    """Return the value of a gauge; `now` is in seconds since 1970."""
    current = 0.0
    for behaviour, duration in segments:
        if behaviour.seconds_ahead is not None:
            current = now + behaviour.seconds_ahead
        else:
            distance = (behaviour.value or 0) - current
            current += distance if duration >= behaviour.reached_in else distance * duration / behaviour.reached_in
    return current
