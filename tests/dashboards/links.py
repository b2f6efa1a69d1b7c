"""Where the alerts' links lead."""

from collections import Counter
from typing import Final

from rules.panels import parts
from tests.dashboards.drawn import BOARDS, CATALOGUE

# Boards that alerts may lead to already, although they are still to be written. One that exists leaves this list.
TO_COME: Final = "bais-security"

PLACES: Final = {name: parts(alert.annotations["dashboard_url"]) for name, alert in CATALOGUE.alerts.items()}


def told() -> str:
    """A line on the alerts whose board is still to come."""
    leading = Counter(board for board, _ in PLACES.values() if board not in BOARDS)
    boards = ", ".join(f"{board} ({count})" for board, count in sorted(leading.items())) or "none"
    return f"dashboards: alerts that lead to a board still to come: {boards}"
