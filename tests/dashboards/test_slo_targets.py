"""Tests that panels show the numbers of the objectives and their burn rate alerts."""

import re
from typing import Final

import pytest
import yaml

from catalogue.objectives import SOURCE
from dashboards import slo_targets
from dashboards.model import Panel
from dashboards.stack import BOARDS
from tools.boards.rendered_boards import CATALOGUE

OBJECTIVES: Final = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
BURN_RATE_PANELS: Final = [
    pytest.param(panel, id=f"{board.uid}: {panel.slug}")
    for board in BOARDS
    for panel in board.panels.values()
    if "service:slo_failures:ratio_rate1h" in panel.signals[0].expression
]


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_target_share_is_that_of_the_objective(name: str) -> None:
    assert slo_targets.good_share(name) == OBJECTIVES[name]["objective"]
    assert slo_targets.good_share(name) + slo_targets.allowed_failures(name) == pytest.approx(1)


def test_the_target_latency_is_the_bucket_of_the_objective() -> None:
    assert f'le="{slo_targets.RESPONSE_SECONDS:g}"' in OBJECTIVES["latency"]["failures"]


def test_boards_show_burn_rates() -> None:
    assert BURN_RATE_PANELS


@pytest.mark.parametrize("panel", BURN_RATE_PANELS)
def test_burn_rate_limits_are_those_of_the_alerts(panel: Panel) -> None:
    columns = zip(panel.signals, panel.limits_by_signal, strict=True)
    burning = [(signal, limits) for signal, limits in columns if signal.name in slo_targets.BURN_RATES]
    assert [signal.name for signal, _ in burning] == list(slo_targets.BURN_RATES)
    for signal, limits in burning:
        assert limits
        ((severity, factor),) = limits.items()
        objectives = re.findall(r'slo="(\w+)"', signal.expression)
        assert objectives
        for name in objectives:
            recorded = f'service:slo_failures:ratio_rate{signal.name}{{slo="{name}"}}'
            compared = f"{recorded} > {factor} * {slo_targets.allowed_failures(name)}"
            alerts = [alert for alert in CATALOGUE.alerts.values() if compared in alert.expression]
            assert {alert.severity for alert in alerts} == {severity}, compared
