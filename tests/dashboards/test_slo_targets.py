"""A promise has one number: what an objective and its alerts say, panels show."""

import re

import pytest
import yaml

from catalogue.objectives import SOURCE
from dashboards import slo_targets
from dashboards.model import Panel
from dashboards.stack import BOARDS
from tools.boards.rendered_boards import CATALOGUE

WRITTEN = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
BURNING = [
    pytest.param(panel, id=f"{board.uid}: {panel.slug}")
    for board in BOARDS
    for panel in board.panels.values()
    if "service:slo_failures:ratio_rate1h" in panel.signals[0].expression
]


@pytest.mark.parametrize("name", WRITTEN)
def test_the_promised_share_is_the_objectives(name: str) -> None:
    assert slo_targets.share(name) == WRITTEN[name]["objective"]
    assert slo_targets.share(name) + slo_targets.failures(name) == pytest.approx(1)


def test_the_promised_time_is_the_bucket_that_the_objective_counts() -> None:
    assert f'le="{slo_targets.RESPONSE_SECONDS:g}"' in WRITTEN["latency"]["failures"]


def test_boards_show_how_fast_budgets_burn() -> None:
    assert BURNING


@pytest.mark.parametrize("panel", BURNING)
def test_a_budget_burns_too_fast_where_an_alert_says_so(panel: Panel) -> None:
    columns = zip(panel.signals, panel.limits_by_signal, strict=True)
    burning = [(signal, limits) for signal, limits in columns if signal.name in slo_targets.BURN_RATES]
    assert [signal.name for signal, _ in burning] == list(slo_targets.BURN_RATES)
    for signal, limits in burning:
        assert limits
        ((gravity, factor),) = limits.items()
        objectives = re.findall(r'slo="(\w+)"', signal.expression)
        assert objectives
        for name in objectives:
            recorded = f'service:slo_failures:ratio_rate{signal.name}{{slo="{name}"}}'
            compared = f"{recorded} > {factor} * {slo_targets.failures(name)}"
            alerts = [alert for alert in CATALOGUE.alerts.values() if compared in alert.expression]
            assert {alert.severity for alert in alerts} == {gravity}, compared
