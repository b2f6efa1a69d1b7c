"""Service level targets for panels, read from the objectives in rules/slos.yaml."""

import re
from typing import Final

from catalogue import objectives
from catalogue.objectives import Objective
from catalogue.slos import SPEEDS

OBJECTIVES: Final = {objective.name: objective for objective in objectives.load()}

# A capacity, not an objective; rules/slos.yaml explains why.
REQUESTS_PER_SECOND: Final = 1000

# Long window of each burn rate alert: its burn rate threshold and severity.
BURN_RATES: Final = {burn.long: (burn.factor, speed.severity) for speed in SPEEDS for burn in speed.burns}


def good_share(objective: str) -> float:
    """Return an objective's share of good events."""
    return OBJECTIVES[objective].objective


def allowed_failures(objective: str) -> float:
    """Return the share of bad events that an objective allows."""
    # 1 - 0.999 is not 0.001 in binary.
    return round(1 - good_share(objective), 9)


def latency_bound_seconds(objective: Objective) -> float:
    """Return the upper bound, in seconds, of the bucket that counts as good."""
    (bound,) = re.findall(r'le="([0-9.]+)"', objective.failures)
    return float(bound)


RESPONSE_SECONDS: Final = latency_bound_seconds(OBJECTIVES["latency"])
