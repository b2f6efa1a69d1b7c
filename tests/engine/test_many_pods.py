"""The scrape of kube-state-metrics in a cluster with many simulated pods; `make bench-pods` measures 10,000 of them."""

from __future__ import annotations

from typing import Final

import pytest

from manifests.exporters import EXCLUDED_METRICS
from settings.scrape_limits import PlatformScrapeLimits
from tools.checkout import Checkout
from tools.pod_scale.measurement import Measurement, measure

PODS: Final = 400


@pytest.fixture(scope="module")
def measured(deployed: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Measurement:
    return measure(deployed, tmp_path_factory.mktemp("pods") / "measurement", PODS)


def test_the_limits_of_the_stack_suffice_for_ten_thousand_pods(measured: Measurement) -> None:
    assert measured.up
    per_pod = measured.samples / PODS
    # All metrics would be 56 per pod of this kind.
    assert 20 < per_pod < 35, f"{per_pod} samples per pod; excluded: {EXCLUDED_METRICS}"
    assert per_pod * 10_000 < 0.8 * PlatformScrapeLimits().samples
    assert measured.body_bytes / PODS * 10_000 < 0.8 * 256 * 1024**2


def test_the_use_of_each_limit_is_recorded(measured: Measurement) -> None:
    limits = PlatformScrapeLimits()
    assert measured.usage == {
        "samples": pytest.approx(measured.samples / limits.samples, rel=0.05),
        "body size": pytest.approx(measured.body_bytes / (256 * 1024**2), rel=0.05),
    }


def test_the_alert_fires_from_eighty_percent_of_the_limit(measured: Measurement) -> None:
    assert (measured.alert_far, measured.alert_near) == (False, True)


def test_a_scrape_above_the_limit_fails(measured: Measurement) -> None:
    assert not measured.up_above
