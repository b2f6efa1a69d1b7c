"""Freshness of the data: an empty result means "none" only while scraping works.

The Watchdog fires while the newest sample is fresh. Its area distinguishes it from other teams' alerts of this name.
"""

from dataclasses import replace
from typing import Final

from dashboards.model import Signal

WATCHDOG: Final = 'ALERTS{alertname="Watchdog", alertstate="firing", area="monitoring"}'
# 1 while scraping works, otherwise empty.
FRESH: Final = f"max({WATCHDOG})"


def zero_if_fresh(expression: str) -> str:
    """Return a query that yields 0 for an empty result, but only while scraping works."""
    return f"{expression}\nor 0 * {FRESH}"


def only_if_fresh(expression: str) -> str:
    """Return a query that yields nothing while scraping does not work."""
    # On lines of its own: a stack's own query may end with a comment.
    return f"(\n{expression}\n)\nand on () {FRESH}"


def or_none(signal: Signal, label: str, *, text: str = "none", value: int = 0) -> Signal:
    """Return a signal with one more series, named `text` in `label`, where the result is empty and scraping works."""
    nothing = f'label_replace({value} * {FRESH}, "{label}", "{text}", "", "")'
    return replace(signal, expression=f"{signal.expression}\nor on () {nothing}")
