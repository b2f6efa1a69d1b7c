"""Test of the query times of all dashboards."""

from typing import Final

from tools.boards.speed import MAX_SECONDS, time_queries

SERIES: Final = 100_000


def test_every_query_takes_at_most_a_second_with_100_000_series() -> None:
    found = time_queries(SERIES)
    assert [one for one in found if one.seconds > MAX_SECONDS] == []
    assert sum(one.series > 0 for one in found) > len(found) / 2
