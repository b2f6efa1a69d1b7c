"""No query keeps a reader waiting."""

from typing import Final

from tools.boards.speed import timed

SERIES: Final = 100_000
LONGEST_SECONDS: Final = 1.0


def test_no_query_takes_a_second_at_a_hundred_thousand_series() -> None:
    found = timed(SERIES)
    assert [one for one in found if one.seconds > LONGEST_SECONDS] == []
    assert sum(one.series > 0 for one in found) > len(found) / 2
