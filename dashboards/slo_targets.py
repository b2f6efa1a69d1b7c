"""What is promised to customers, as the objectives in rules/slos.yaml have it, for panels that show how it is kept."""

import re
from typing import Final

from catalogue import objectives
from catalogue.objectives import Objective
from catalogue.slos import SPEEDS

OBJECTIVES: Final = {objective.name: objective for objective in objectives.load()}

# A capacity and no objective: rules/slos.yaml says why.
REQUESTS_PER_SECOND: Final = 1000

BURN_RATES: Final = {burn.long: (burn.factor, speed.severity) for speed in SPEEDS for burn in speed.burns}
"""The windows over which alerts judge how fast a budget burns, with the rate that is too high and how grave it is."""


def share(objective: str) -> float:
    """The share of good events that is promised."""
    return OBJECTIVES[objective].objective


def failures(objective: str) -> float:
    """The share of bad events that is allowed."""
    # 1 - 0.999 is not 0.001 in binary.
    return round(1 - share(objective), 9)


def seconds(objective: Objective) -> float:
    """How long a good event may take: the bound of the histogram's bucket that the objective counts as good."""
    (bound,) = re.findall(r'le="([0-9.]+)"', objective.failures)
    return float(bound)


RESPONSE_SECONDS: Final = seconds(OBJECTIVES["latency"])
