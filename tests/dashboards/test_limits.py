"""Limits become colours on the side on which it is worse."""

import pytest

from dashboards.limits import Step, steps
from dashboards.model import Color, Limits, above, below

TUNABLES = {"low": 7.0, "high": 21.0}


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (None, [(None, Color.NEUTRAL)]),
        (above(warning=1), [(None, Color.GOOD), (1, Color.WARNING)]),
        (above(critical=2), [(None, Color.GOOD), (2, Color.CRITICAL)]),
        (above(warning="low", critical="high"), [(None, Color.GOOD), (7, Color.WARNING), (21, Color.CRITICAL)]),
        (below(warning=1), [(None, Color.WARNING), (1, Color.GOOD)]),
        (below(critical=1), [(None, Color.CRITICAL), (1, Color.GOOD)]),
        (below(warning="high", critical="low"), [(None, Color.CRITICAL), (7, Color.WARNING), (21, Color.GOOD)]),
    ],
)
def test_a_limit_starts_a_colour(limits: Limits | None, expected: list[Step]) -> None:
    assert steps(limits, TUNABLES) == expected
