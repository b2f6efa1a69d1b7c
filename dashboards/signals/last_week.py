"""Recorded series compared with the same time last week, as the alerts compare them."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import Signal

_NAME: Final = "{{namespace}}/{{service}}"


def ratio_to_last_week(series: str) -> Signal:
    """Return a selector's value relative to last week; a series that has ended counts as 0."""
    before = f"{series} offset 1w"
    return Signal(
        name=_NAME,
        unit=units.PercentUnit,
        expression=f"({series} or 0 * {before})\n/ ({before} > 0)",
    )


def with_last_week(series: str, unit: str, *labels: str) -> tuple[Signal, Signal]:
    """Return a selector's current value and last week's; `labels` extend the legend."""
    name = " ".join([_NAME, *(f"{{{{{label}}}}}" for label in labels)])
    return (
        Signal(name=name, unit=unit, expression=series),
        Signal(name=f"{name}, last week", unit=unit, expression=f"{series} offset 1w"),
    )
