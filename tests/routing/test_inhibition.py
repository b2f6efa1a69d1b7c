import pytest

from catalogue.loader import load
from routing.inhibition import INHIBITIONS, Inhibition, inhibit_rules
from tools.expected_alerts import common_labels, expected_alerts

ALERTS = load().alerts
PAIRS = [(each.source, target) for each in INHIBITIONS for target in each.targets]
WEIGHT = {"info": 0, "warning": 1, "critical": 2}

each_inhibition = pytest.mark.parametrize("inhibition", INHIBITIONS, ids=lambda each: each.source)


@each_inhibition
def test_every_alert_of_it_exists(inhibition: Inhibition) -> None:
    assert {inhibition.source, *inhibition.targets} <= set(ALERTS)


@each_inhibition
def test_no_alert_mutes_itself(inhibition: Inhibition) -> None:
    assert inhibition.source not in inhibition.targets


@each_inhibition
def test_nothing_mutes_what_weighs_more(inhibition: Inhibition) -> None:
    source = ALERTS[inhibition.source].severity
    assert inhibition.source_severity == source
    assert all(WEIGHT[ALERTS[target].severity] <= WEIGHT[source] for target in inhibition.targets)


def test_all_labels_that_source_and_targets_have_in_common_must_be_equal_and_no_other() -> None:
    # A label that both lack is equal too: one too many would mute everywhere, one too few what is elsewhere.
    for each in INHIBITIONS:
        for name in (each.source, *each.targets):
            assert name in expected_alerts(), f"no test of the rules sees {name} fire"
        common = common_labels((each.source, *each.targets))
        # What the rule itself says of its alert distinguishes nothing.
        said = set(ALERTS[each.source].labels)
        assert set(each.equal) <= common
        assert set(each.equal) - said == common - said


def test_no_pair_stands_twice() -> None:
    assert len(PAIRS) == len(set(PAIRS))


def test_nothing_is_muted_in_turn_by_what_it_mutes() -> None:
    waiting = set(PAIRS)
    while waiting:
        # What nothing mutes any more may go; a circle leaves nothing to take.
        free = {pair for pair in waiting if pair[0] not in {target for _, target in waiting}}
        assert free, f"a circle in {waiting}"
        waiting -= free


def test_security_alerts_are_never_muted_and_payment_alerts_only_by_one_of_their_own() -> None:
    for source, target in PAIRS:
        assert ALERTS[target].area != "security"
        if ALERTS[target].area == "payments":
            assert ALERTS[target].severity != "critical"
            assert ALERTS[source].area == "payments"


def test_a_rule_names_its_alerts_in_full() -> None:
    for each, rule in zip(INHIBITIONS, inhibit_rules(), strict=True):
        assert rule["source_matchers"][0] == f'alertname="{each.source}"'
        assert rule["target_matchers"][0] == f'alertname=~"{"|".join(each.targets)}"'
        assert rule["equal"] == list(each.equal)


def test_a_source_whose_severity_a_stack_lowered_mutes_nothing() -> None:
    severities = [rule["source_matchers"][1] for rule in inhibit_rules()]
    assert set(severities) == {'severity="critical"', 'severity=~"critical|warning"'}


def test_a_warning_mutes_no_target_that_a_stack_made_critical() -> None:
    for each, rule in zip(INHIBITIONS, inhibit_rules(), strict=True):
        assert ('severity!="critical"' in rule["target_matchers"]) == (each.source_severity == "warning")
