"""Recorded series compared with their usual level, as the alerts compare them."""

import re
from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import USUAL, Signal

_NAME: Final = "{{namespace}}/{{service}}"


def ratio_to_usual(series: str) -> Signal:
    """Return a selector's value relative to the usual lowest level; a series that has ended counts as 0."""
    usual = _usual(series, "low")
    return Signal(
        name=_NAME,
        unit=units.PercentUnit,
        expression=f"({series} or 0 * {usual})\n/ ({usual} > 0)",
    )


def with_usual(series: str, unit: str, *labels: str) -> tuple[Signal, Signal]:
    """Return a selector's current value and its usual highest level; `labels` extend the legend."""
    name = " ".join([_NAME, *(f"{{{{{label}}}}}" for label in labels)])
    return (
        Signal(name=name, unit=unit, expression=series),
        Signal(name=f"{name}{USUAL}", unit=unit, expression=_usual(series, "high")),
    )


def _usual(series: str, kind: str) -> str:
    return re.sub(r"^[\w:]+", rf"\g<0>_usual_{kind}", series)
