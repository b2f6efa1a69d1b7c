"""Error budgets, as the catalogue records them from its objectives."""

from collections.abc import Sequence
from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import Limits, Signal, above, below
from dashboards.slo_targets import BURN_RATES, failures

# How much of a budget's 30 days should be left at any time is nobody's promise; a budget that is spent is.
LEFT_LIMITS: Final = below(warning=0.25, critical=0.0)

_CHOSEN: Final = ('namespace=~"$namespace"',)

# In the namespace and service that have spent most of it.
LEAST_LEFT: Final = Signal(
    name="budget left",
    unit=units.PercentUnit,
    expression="min by (slo) (service:slo_error_budget:remaining_ratio30d)",
)


def remaining(objective: str, name: str) -> Signal:
    """What is left of a month's error budget of one objective: 1 is all of it, below 0 it is overdrawn."""
    return Signal(
        name=name,
        unit=units.PercentUnit,
        expression=f"service:slo_error_budget:remaining_ratio30d{_of(objective, _CHOSEN)}",
    )


def kept(objective: str, name: str) -> Signal:
    """The share of good events of the last five minutes."""
    return Signal(
        name=name,
        unit=units.PercentUnit,
        expression=f"1 - service:slo_failures:ratio_rate5m{_of(objective, _CHOSEN)}",
    )


def burning(objectives: Sequence[str], by: str, matchers: Sequence[str] = _CHOSEN) -> tuple[Signal, ...]:
    """How many times faster than allowed budgets were spent over each window that an alert judges."""
    return tuple(
        Signal(
            name=window,
            unit=units.NoUnit,
            expression="\nor ".join(
                f"max by ({by}) (service:slo_failures:ratio_rate{window}{_of(objective, matchers)})"
                f" / {failures(objective):g}"
                for objective in objectives
            ),
        )
        for window in BURN_RATES
    )


def burning_limits() -> tuple[Limits, ...]:
    """The rates at which the alerts find that a budget burns too fast, window by window."""
    return tuple(
        above(critical=factor) if severity == "critical" else above(warning=factor)
        for factor, severity in BURN_RATES.values()
    )


def _of(objective: str, matchers: Sequence[str]) -> str:
    return "{" + ", ".join([f'slo="{objective}"', *matchers]) + "}"
