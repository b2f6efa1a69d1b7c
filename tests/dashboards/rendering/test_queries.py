"""A query becomes one that Prometheus understands."""

import pytest

from dashboards.rendering.queries import concrete


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("rate(a_total[$__rate_interval])", "rate(a_total[2m])"),
        ('increase(a_total{job=~"$job"}[$__range])', 'increase(a_total{job=~".*"}[1h])'),
        ('up{namespace=~"${namespace}"}', 'up{namespace=~".*"}'),
    ],
)
def test_windows_and_choices_are_filled_in(query: str, asked: str) -> None:
    assert concrete(query) == asked
