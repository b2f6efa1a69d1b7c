"""Units that Grafana has no name for, in its notation, and those of currencies."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from grafana_foundation_sdk.models import units

# Grafana's own units of time change with the value: 90 days become 12.9 weeks, and an axis gets ticks at 1.67 min.
MINUTES: Final = "suffix:min"
HOURS: Final = "suffix:h"
DAYS: Final = "suffix:days"

PER_MINUTE: Final = "suffix:per min"
PER_HOUR: Final = "suffix:per h"

# Seconds of a minute, an hour and a day.
MINUTE: Final = 60
HOUR: Final = 3600
DAY: Final = 86400

# Unit by the ISO 4217 code in the label `currency`.
CURRENCIES: Final[Mapping[str, str]] = MappingProxyType(
    {"CHF": units.SwissFranc, "EUR": units.Euro, "GBP": units.Pounds, "USD": units.Dollars}
)


def per_second(what: str) -> str:
    """Return the unit of a rate, such as 1.2K samples/s."""
    return f"count:{what}/s"
