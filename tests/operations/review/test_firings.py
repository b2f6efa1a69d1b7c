"""Firings of alerts in the series of Prometheus."""

from __future__ import annotations

from operations.review.firings import firings, flaps, merged, seconds_firing
from tests.operations.review.samples import END, firing


def test_a_gap_ends_a_firing() -> None:
    first, second = firings([firing("ApiErrorRateHigh", (60, 50), (30, 10))])
    assert (first.seconds, second.seconds) == (600, 1200)
    assert second.begin == END - 30 * 60


def test_a_firing_of_one_sample_lasts_a_step() -> None:
    assert [each.seconds for each in firings([firing("ApiErrorRateHigh", (10, 9))])] == [60]


def test_simultaneous_firings_of_an_alert_count_once_in_its_time() -> None:
    found = firings([firing("NodeDown", (60, 30), node="a"), firing("NodeDown", (45, 15), node="b")])
    assert len(found) == 2
    assert seconds_firing(found) == 45 * 60
    assert len(merged(found)) == 1


def test_an_alert_flaps_if_the_same_labels_fire_again_within_an_hour() -> None:
    assert flaps(firings([firing("NodeDown", (300, 290), (250, 240), (100, 90), node="a")])) == 1
    assert flaps(firings([firing("NodeDown", (300, 290), node="a"), firing("NodeDown", (250, 240), node="b")])) == 0


def test_only_critical_alerts_of_the_catalogue_page() -> None:
    series = [
        firing("NodeDown", (10, 5)),
        firing("NodeCpuHigh", (10, 5), severity="warning"),
        firing("Foreign", (10, 5), catalogue="other"),
    ]
    assert [each.alert for each in firings(series) if each.pages] == ["NodeDown"]
