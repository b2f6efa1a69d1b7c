from typing import Final

import pytest

from catalogue import loader
from common.exporters import EXPORTERS
from common.project import PROJECT
from manifests.alert_overrides import absence_alerts_of_disabled
from preflight.plan import prepare_stack
from settings.loader import RawConfig, build_settings, load_sections
from settings.stack import StackSettings
from tools.mocked_program import configuration, with_every_exporter

ABSENCE_ALERTS: Final = {
    **{exporter.key: exporter.absence_alert for exporter in EXPORTERS if exporter.absence_alert},
    "grafana": "GrafanaDown",
}
ALWAYS_DEPLOYED: Final = {"PrometheusAbsent", "AlertmanagerAbsent", "PrometheusOperatorAbsent"}
DISABLED: Final = {"enabled": False}

each_component = pytest.mark.parametrize(("component", "alert"), ABSENCE_ALERTS.items())


def config(**changes: object) -> RawConfig:
    stack = with_every_exporter(configuration("prod", "upstream"))
    return RawConfig(stack="prod", values={**stack.values, **changes}, secrets=stack.secrets)


def settings(**changes: object) -> StackSettings:
    return build_settings(load_sections(config(**changes)))


def alerts(**changes: object) -> set[str]:
    rules = prepare_stack(config(**changes), PROJECT).rules
    return {
        rule["alert"]
        for area in rules.values()
        for group in area["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }


def test_a_stack_with_all_components_disables_no_alert() -> None:
    assert absence_alerts_of_disabled(settings()) == ()


@each_component
def test_the_absence_alert_of_a_disabled_component_is_left_out(
    component: str, alert: str, cluster_answers: None
) -> None:
    without_probes: dict[str, object] = {"probes": {}}
    assert alerts(**without_probes) - alerts(**without_probes, **{component: DISABLED}) == {alert}


@each_component
def test_a_disabled_component_wins_over_an_override_of_its_absence_alert(
    component: str, alert: str, cluster_answers: None
) -> None:
    own = {"overrides": {alert: {"for": "20m", "enabled": True}}}
    assert alert not in alerts(**{component: DISABLED, "alerts": own, "probes": {}})


def test_every_absence_alert_belongs_to_a_component() -> None:
    absences = {alert.name for alert in loader.load().alerts.values() if "absent(" in alert.expression}
    assert absences == ALWAYS_DEPLOYED | set(
        absence_alerts_of_disabled(settings(**dict.fromkeys(ABSENCE_ALERTS, DISABLED)))
    )
