import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.durations import is_duration, parse_duration
from common.quantities import go_duration, parse_quantity, parse_size, share_of_volume


@pytest.mark.parametrize(
    ("text", "number"),
    [("1Gi", 2**30), ("1G", 10**9), ("0.5Ki", 512), ("12", 12), ("2k", 2000), ("1500m", 1.5), ("1Ei", 2**60)],
)
def test_a_kubernetes_quantity_is_parsed_as_a_number(text: str, number: float) -> None:
    assert parse_quantity(text) == number


@pytest.mark.parametrize("text", ["", "Gi", "1gi", "1 Gi", "-1Gi", "1GiB", "one", "1e3x"])
def test_an_invalid_quantity_raises(text: str) -> None:
    with pytest.raises(ValueError, match=text or None):
        parse_quantity(text)


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("1h30m", 5400), ("30d", 2592000), ("1w", 604800), ("1y", 31536000)]
)
def test_a_prometheus_duration_is_parsed_as_seconds(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds
    assert is_duration(text)


@pytest.mark.parametrize("text", ["", "0", "30", "s", "1m1h", "1.5h", "-1h", "1 h", "1H", "5ms", "٣h"])
def test_an_invalid_duration_raises(text: str) -> None:
    with pytest.raises(ValueError, match=text or None):
        parse_duration(text)
    assert not is_duration(text)


@pytest.mark.parametrize(
    ("text", "number"), [("1B", 1), ("1KB", 1024), ("1KiB", 1024), ("40GB", 40 * 2**30), ("1.5MB", 1572864)]
)
def test_a_prometheus_size_counts_in_powers_of_two(text: str, number: int) -> None:
    assert parse_size(text) == number


@pytest.mark.parametrize("text", ["", "40", "40G", "40Gi", "GB", "40 GB", "-1GB"])
def test_an_invalid_size_raises(text: str) -> None:
    with pytest.raises(ValueError, match=text or None):
        parse_size(text)


@given(st.integers(min_value=2, max_value=100_000), st.integers(min_value=1, max_value=100))
def test_a_share_of_a_volume_is_rounded_down_to_whole_mebibytes(mebibytes: int, percent: int) -> None:
    share = parse_size(share_of_volume(f"{mebibytes}Mi", percent))
    assert share <= mebibytes * 2**20 * percent / 100
    assert share > mebibytes * 2**20 * percent / 100 - 2**20


@given(st.integers(min_value=1, max_value=10**8))
def test_a_go_duration_is_the_same_time_without_days_weeks_and_years(seconds: int) -> None:
    formatted = go_duration(f"{seconds}s")
    assert parse_duration(formatted) == seconds
    assert not set(formatted) & set("dwy")
