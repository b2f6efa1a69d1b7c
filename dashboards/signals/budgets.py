"""Error budgets, as the catalogue records them from its objectives."""

from grafana_foundation_sdk.models import units

from dashboards.model import Signal


def remaining(objective: str, name: str, matchers: str = 'namespace=~"$namespace"') -> Signal:
    """What is left of a month's error budget of one objective: 1 is all of it, below 0 it is overdrawn."""
    return Signal(
        name=name,
        unit=units.PercentUnit,
        expression=f'service:slo_error_budget:remaining_ratio30d{{slo="{objective}", {matchers}}}',
    )
