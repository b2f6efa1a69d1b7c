"""What a review reads of the settings of a stack."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from common.project import PROJECT
from operations.review.stack import ReviewError, addresses, load, reviewed_stack
from settings.loader import build_settings, load_sections
from settings.sources import from_file
from settings.stack import AlertsSettings

PROD: Final = load("prod")


def test_namespaces_and_quiet_hours_are_those_of_the_settings() -> None:
    assert (PROD.namespaces, PROD.services) == (("monitoring", "monitoring-node-exporter"), ("bais",))
    assert str(PROD.night) == "20:00 to 06:00 UTC and weekends"


def test_alerts_have_the_thresholds_and_overrides_of_the_stack() -> None:
    settings = build_settings(load_sections(from_file(PROJECT / "Pulumi.prod.yaml", PROJECT / "Pulumi.yaml")))
    alerts = AlertsSettings(tunables={"node_cpu_ratio": 0.85}, overrides={"RedisDown": {"enabled": False}})
    grafana = settings.grafana.model_copy(update={"enabled": False})
    found = reviewed_stack("prod", settings.model_copy(update={"alerts": alerts, "grafana": grafana}))
    assert found.catalogue.tunables["node_cpu_ratio"] == 0.85
    assert {"RedisDown", "GrafanaDown"} <= found.disabled
    assert {"RedisDown", "GrafanaDown"} & PROD.disabled == set()


def test_given_urls_have_priority_over_links() -> None:
    assert addresses(PROD, "", "") == ("https://prometheus.bais.example", "https://alertmanager.bais.example")
    assert addresses(PROD, "http://here:9090", "http://here:9093") == ("http://here:9090", "http://here:9093")


def test_alertmanager_may_be_missing_but_not_prometheus() -> None:
    assert addresses(replace(PROD, alertmanager=""), "http://here:9090", "") == ("http://here:9090", "")
    with pytest.raises(ReviewError, match=r"stack prod has no links\.prometheus"):
        addresses(replace(PROD, prometheus=""), "", "")
