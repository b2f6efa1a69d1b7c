"""Formatting of durations, the inverse of parsing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.durations import format_duration, parse_duration


@given(st.integers(min_value=1, max_value=10**7))
def test_parsing_a_formatted_duration_returns_the_same_seconds(seconds: int) -> None:
    assert parse_duration(format_duration(seconds)) == seconds


@pytest.mark.parametrize(("seconds", "text"), [(3480, "58m"), (14280, "3h58m"), (3584, "59m44s"), (7200, "2h")])
def test_units_with_a_count_of_zero_are_omitted(seconds: int, text: str) -> None:
    assert format_duration(seconds) == text


def test_a_duration_of_zero_raises() -> None:
    with pytest.raises(ValueError, match="0 s is not a duration above zero"):
        format_duration(0)
