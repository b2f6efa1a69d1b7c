"""Error budgets, from the recording rules of the objectives."""

from collections.abc import Sequence
from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import Limits, Signal, above, below
from dashboards.slo_targets import BURN_RATES, OBJECTIVES, allowed_failures
from dashboards.units import DAYS

# Critical when the budget is spent; the warning limit is a convention, not an objective.
REMAINING_LIMITS: Final = below(warning=0.25, critical=0.0)

_SELECTED: Final = ('namespace=~"$namespace"',)

# The minimum over namespaces and services.
LOWEST_REMAINING: Final = Signal(
    name="budget left",
    unit=units.PercentUnit,
    expression="min by (slo) (service:slo_error_budget:remaining_ratio30d)",
)

_PERIOD_DAYS: Final = 30
# At the burn rate of the last six hours; a budget that lasts longer than its period shows the period.
EXHAUSTED_IN: Final = Signal(
    name="exhausted in",
    unit=DAYS,
    expression="\nor ".join(
        "min by (slo) (clamp(\n"
        f'  {_PERIOD_DAYS} * service:slo_error_budget:remaining_ratio30d{{slo="{objective}"}}\n'
        f'  / (service:slo_failures:ratio_rate6h{{slo="{objective}"}} / {allowed_failures(objective):g}),\n'
        f"  0, {_PERIOD_DAYS}\n))"
        for objective in OBJECTIVES
    ),
)


def remaining(objective: str, name: str) -> Signal:
    """Return the remaining 30-day error budget of an objective: 1 is all, below 0 is overspent."""
    return Signal(
        name=name,
        unit=units.PercentUnit,
        expression=f"service:slo_error_budget:remaining_ratio30d{_of(objective, _SELECTED)}",
    )


def good_share(objective: str, name: str) -> Signal:
    """Return the share of good events in the last five minutes."""
    return Signal(
        name=name,
        unit=units.PercentUnit,
        expression=f"1 - service:slo_failures:ratio_rate5m{_of(objective, _SELECTED)}",
    )


def burn_rates(objectives: Sequence[str], by: str, matchers: Sequence[str] = _SELECTED) -> tuple[Signal, ...]:
    """Return the burn rate over each window that an alert evaluates."""
    return tuple(
        Signal(
            name=window,
            unit=units.NoUnit,
            expression="\nor ".join(
                f"max by ({by}) (service:slo_failures:ratio_rate{window}{_of(objective, matchers)})"
                f" / {allowed_failures(objective):g}"
                for objective in objectives
            ),
        )
        for window in BURN_RATES
    )


def burn_rate_limits() -> tuple[Limits, ...]:
    """Return the burn rate limits of the alerts, per window."""
    return tuple(
        above(critical=factor) if severity == "critical" else above(warning=factor)
        for factor, severity in BURN_RATES.values()
    )


def _of(objective: str, matchers: Sequence[str]) -> str:
    return "{" + ", ".join([f'slo="{objective}"', *matchers]) + "}"
