"""Tests of the interpolation of Grafana variables in queries."""

import pytest

from dashboards.rendering.queries import interpolate


@pytest.mark.parametrize(
    ("query", "interpolated"),
    [
        ("rate(a_total[$__rate_interval])", "rate(a_total[2m])"),
        ('increase(a_total{job=~"$job"}[$__range])', 'increase(a_total{job=~".*"}[1h])'),
        ('up{namespace=~"${namespace}"}', 'up{namespace=~".*"}'),
    ],
)
def test_windows_and_variables_are_interpolated(query: str, interpolated: str) -> None:
    assert interpolate(query) == interpolated
