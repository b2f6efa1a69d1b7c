"""Recorded series against their own value at the same time a week ago, as the alerts compare them."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import Signal

_NAME: Final = "{{namespace}}/{{service}}"


def share(series: str) -> Signal:
    """Today's value of a series, a selector, as a share of last week's; a series that has ended counts as 0."""
    before = f"{series} offset 1w"
    return Signal(
        name=_NAME,
        unit=units.PercentUnit,
        expression=f"({series} or 0 * {before})\n/ ({before} > 0)",
    )


def beside(series: str, unit: str, *labels: str) -> tuple[Signal, Signal]:
    """Today's value of a series, a selector, and last week's; `labels` are those by which it is split further."""
    name = " ".join([_NAME, *(f"{{{{{label}}}}}" for label in labels)])
    return (
        Signal(name=name, unit=unit, expression=series),
        Signal(name=f"{name}, last week", unit=unit, expression=f"{series} offset 1w"),
    )
