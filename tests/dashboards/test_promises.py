"""A promise has one number: what an objective and its alerts say, panels show."""

import re

import pytest
import yaml

from dashboards import promises
from dashboards.catalogue import BOARDS
from dashboards.model import Panel
from rules.objectives import SOURCE
from tests.dashboards.drawn import CATALOGUE

WRITTEN = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
BURNING = [
    pytest.param(panel, id=f"{board.uid}: {panel.slug}")
    for board in BOARDS
    for panel in board.panels.values()
    if "service:slo_failures:ratio_rate1h" in panel.signals[0].expression
]


@pytest.mark.parametrize("name", WRITTEN)
def test_the_promised_share_is_the_objectives(name: str) -> None:
    assert promises.share(name) == WRITTEN[name]["objective"]
    assert promises.share(name) + promises.failures(name) == pytest.approx(1)


def test_the_promised_time_is_the_bucket_that_the_objective_counts() -> None:
    assert f'le="{promises.RESPONSE_SECONDS:g}"' in WRITTEN["latency"]["failures"]


def test_boards_show_how_fast_budgets_burn() -> None:
    assert BURNING


@pytest.mark.parametrize("panel", BURNING)
def test_a_budget_burns_too_fast_where_an_alert_says_so(panel: Panel) -> None:
    columns = zip(panel.signals, panel.limits_by_signal, strict=True)
    burning = [(signal, limits) for signal, limits in columns if signal.name in promises.BURN_RATES]
    assert [signal.name for signal, _ in burning] == list(promises.BURN_RATES)
    for signal, limits in burning:
        assert limits
        ((gravity, factor),) = limits.items()
        objectives = re.findall(r'slo="(\w+)"', signal.expression)
        assert objectives
        for name in objectives:
            compared = (
                f'service:slo_failures:ratio_rate{signal.name}{{slo="{name}"}} > {factor} * {promises.failures(name)}'
            )
            alerts = [alert for alert in CATALOGUE.alerts.values() if compared in alert.expression]
            assert {alert.severity for alert in alerts} == {gravity}, compared
