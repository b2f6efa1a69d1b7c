"""Everything that the sections of a review are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from catalogue.objectives import Objective
from catalogue.stack import StackCatalogue
from operations.review import firings
from operations.review.firings import STEP_SECONDS, Firing, Interval, runs
from operations.review.night import Night
from operations.review.period import Period
from operations.review.prometheus import Rule
from operations.review.queries import Scope
from operations.review.readings import Readings, UnknownError

# For so long Prometheus returns a sample after its time, so a shorter interval may be a single sample.
_LOOKBACK_SECONDS: Final = 300


@dataclass(frozen=True, kw_only=True)
class ReviewData:
    """What the sections of a review are made of.

    Attributes:
        period: The period.
        scope: Namespaces of the stack and its services.
        readings: Results of the queries.
        catalogue: Alerts of the stack with its thresholds.
        disabled: Alerts that the stack does not have.
        objectives: The SLOs.
        night: The hours in which people should not be paged.
        rules: Rules that Prometheus evaluates now, or why they are unknown.
        silences: Silences that Alertmanager stores now, or why they are unknown.
        now: The current time, in seconds since 1970.
    """

    period: Period
    scope: Scope
    readings: Readings
    catalogue: StackCatalogue
    disabled: frozenset[str]
    objectives: Sequence[Objective]
    night: Night
    rules: Sequence[Rule] | str
    silences: Sequence[Mapping[str, Any]] | str
    now: int

    @cached_property
    def seconds_with_data(self) -> int:
        """Return for how much of the period Prometheus has data.

        Raises:
            UnknownError: it has none.
        """
        return sum(end - begin + STEP_SECONDS for begin, end in self.with_data)

    @cached_property
    def with_data(self) -> list[Interval]:
        """Return the first and last sample of each interval with data, at least one.

        Raises:
            UnknownError: Prometheus has no data of the period.
        """
        (targets,) = self.readings.series("scraped_targets")
        found = runs(sorted(targets.values), STEP_SECONDS)
        long = [(begin, end) for begin, end in found if end - begin >= _LOOKBACK_SECONDS]
        if not long:
            raise UnknownError("Prometheus has data of only a few minutes")
        return long

    @cached_property
    def firings(self) -> list[Firing]:
        """Return the firings of all alerts.

        Raises:
            UnknownError: Prometheus did not evaluate the rules, or the query failed.
        """
        try:
            self.readings.series("heartbeat")
        except UnknownError as error:
            raise UnknownError(f"alerts were not evaluated: {error}") from None
        return firings.firings(self.readings.series("alerts"))
