import pytest

from catalogue import loader
from common.project import PROJECT
from manifests.alert_overrides import missed, overrides
from preflight.plan import prepare
from settings.loader import Configuration, read, settings
from settings.stack import Settings
from tools.mocked_program import configuration

PIECES = {
    "nodeExporter": "NodeExporterAbsent",
    "kubeStateMetrics": "KubeStateMetricsAbsent",
    "blackboxExporter": "BlackboxExporterAbsent",
}
ALWAYS_THERE = {"PrometheusAbsent", "AlertmanagerAbsent", "PrometheusOperatorAbsent"}
OFF = {"enabled": False}

each_piece = pytest.mark.parametrize(("piece", "alert"), PIECES.items())


def written(**changes: object) -> Configuration:
    stack = configuration("prod", "upstream")
    return Configuration(stack="prod", values={**stack.values, **changes}, secrets=stack.secrets)


def checked(**changes: object) -> Settings:
    return settings(read(written(**changes)))


def alerts(**changes: object) -> set[str]:
    rules = prepare(written(**changes), PROJECT).rules
    return {
        rule["alert"]
        for area in rules.values()
        for group in area["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }


def test_a_stack_with_all_pieces_changes_nothing_but_what_it_says() -> None:
    own = {"overrides": {"EndpointSlow": {"for": "20m"}}}
    assert missed(checked(alerts=own)) == ()
    assert overrides(checked(alerts=own)) == {"EndpointSlow": {"for": "20m"}}


@each_piece
def test_what_misses_a_piece_that_is_off_is_left_out(piece: str, alert: str, cluster_answers: None) -> None:
    without_probes: dict[str, object] = {"probes": {}}
    assert alerts(**without_probes) - alerts(**without_probes, **{piece: OFF}) == {alert}


@each_piece
def test_a_piece_that_is_off_wins_over_the_stack_s_own_changes(piece: str, alert: str) -> None:
    own = {"overrides": {alert: {"for": "20m", "enabled": True}}}
    assert overrides(checked(**{piece: OFF, "alerts": own})) == {alert: {"for": "20m", "enabled": False}}


def test_every_alert_on_absence_is_about_a_piece_that_is_always_there_or_known_to_be_off() -> None:
    absences = {alert.name for alert in loader.load().alerts.values() if "absent(" in alert.expression}
    assert absences == ALWAYS_THERE | set(missed(checked(**dict.fromkeys(PIECES, OFF))))
