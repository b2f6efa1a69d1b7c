"""Tests of the threshold steps that limits become."""

from typing import Final

import pytest

from dashboards.model import Color, ComplementOf, Limits, above, below
from dashboards.rendering.thresholds import ThresholdStep, threshold_steps

TUNABLES: Final = {"low": 7.0, "high": 21.0, "share": 0.1}


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
        (above(promised=3, critical="low"), [(None, Color.GOOD), (3, Color.OBJECTIVE_MISSED), (7, Color.CRITICAL)]),
        (below(promised=9, critical="low"), [(None, Color.CRITICAL), (7, Color.OBJECTIVE_MISSED), (9, Color.GOOD)]),
        (below(critical=ComplementOf("share")), [(None, Color.CRITICAL), (0.9, Color.GOOD)]),
    ],
)
def test_each_limit_is_a_threshold_step(limits: Limits | None, expected: list[ThresholdStep]) -> None:
    assert threshold_steps(limits, TUNABLES) == expected


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (above(promised=7, warning="low"), [(None, Color.GOOD), (7, Color.WARNING)]),
        (above(promised=30, critical="high"), [(None, Color.GOOD), (21, Color.CRITICAL)]),
        (below(promised=5, warning="low"), [(None, Color.WARNING), (7, Color.GOOD)]),
    ],
)
def test_a_limit_beyond_a_more_severe_one_is_dropped(limits: Limits, expected: list[ThresholdStep]) -> None:
    assert threshold_steps(limits, TUNABLES) == expected
