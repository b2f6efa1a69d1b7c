from typing import Final

import pytest

from catalogue.loader import load
from routing.inhibition import INHIBITIONS, ORIGIN, Inhibition, inhibit_rules
from tools.expected_alerts import common_labels, expected_alerts

ALERTS: Final = load().alerts
PAIRS: Final = [(each.source, target) for each in INHIBITIONS for target in each.targets]
# Nothing mutes these, because they have other causes, too, and others than the on-call have to know.
FAILED_PAYMENTS: Final = {
    "PaymentFailureRateHigh",
    "PaymentProviderFailing",
    "PaymentDeclinesUnusual",
    "PaymentsStopped",
}
SEVERITY_RANK: Final = {"info": 0, "warning": 1, "critical": 2}

each_inhibition = pytest.mark.parametrize("inhibition", INHIBITIONS, ids=lambda each: each.source)


@each_inhibition
def test_every_alert_of_an_inhibition_exists(inhibition: Inhibition) -> None:
    assert {inhibition.source, *inhibition.targets} <= set(ALERTS)


@each_inhibition
def test_no_alert_mutes_itself(inhibition: Inhibition) -> None:
    assert inhibition.source not in inhibition.targets


@each_inhibition
def test_no_alert_mutes_a_more_severe_one(inhibition: Inhibition) -> None:
    source = ALERTS[inhibition.source].severity
    assert inhibition.source_severity == source
    assert all(SEVERITY_RANK[ALERTS[target].severity] <= SEVERITY_RANK[source] for target in inhibition.targets)


def test_equal_has_exactly_the_common_labels_of_source_and_targets() -> None:
    # Alertmanager considers a label equal that both lack: with a label too many, an alert would mute everywhere; with
    # a label too few, it would mute alerts of other objects.
    for each in INHIBITIONS:
        for name in (each.source, *each.targets):
            assert name in expected_alerts(), f"no test of the rules sees {name} fire"
        common = common_labels((each.source, *each.targets))
        assert set(each.equal) <= common
        if each.across:
            continue
        # Static labels of the rule are the same for all its alerts, so they do not distinguish them.
        static = set(ALERTS[each.source].labels)
        assert set(each.equal) - static == common - static


def test_pairs_are_unique() -> None:
    assert len(PAIRS) == len(set(PAIRS))


def test_pairs_have_no_cycle() -> None:
    pairs = set(PAIRS)
    while pairs:
        # Remove pairs whose source is not muted by another pair; in a cycle there are none.
        removable = {pair for pair in pairs if pair[0] not in {target for _, target in pairs}}
        assert removable, f"cycle in {pairs}"
        pairs -= removable


def test_alerts_on_security_and_failed_payments_are_never_muted() -> None:
    muted = {target for _, target in PAIRS}
    assert set(ALERTS) >= FAILED_PAYMENTS
    assert muted & FAILED_PAYMENTS == set()
    assert [name for name in sorted(muted) if ALERTS[name].area == "security"] == []


def test_a_rule_names_its_alerts_in_full() -> None:
    for each, rule in zip(INHIBITIONS, inhibit_rules(), strict=True):
        assert rule["source_matchers"][0] == f'alertname="{each.source}"'
        assert rule["target_matchers"][0] == f'alertname=~"{"|".join(each.targets)}"'
        assert rule["equal"] == [*ORIGIN, *each.equal]


def test_only_alerts_of_the_catalogue_mute_others() -> None:
    assert all('catalogue="bais"' in rule["source_matchers"] for rule in inhibit_rules(["data"]))


def test_an_alert_of_a_team_with_its_own_on_call_is_muted_only_by_alerts_of_this_team() -> None:
    rules = inhibit_rules(["data", "search"])
    others, own = rules[::2], rules[1::2]
    assert len(others) == len(own) == len(INHIBITIONS)
    assert all('team!~"data|search"' in rule["target_matchers"] and "team" not in rule["equal"] for rule in others)
    assert all('team=~"data|search"' in rule["target_matchers"] and "team" in rule["equal"] for rule in own)


def test_a_source_with_a_lowered_severity_mutes_nothing() -> None:
    severities = [rule["source_matchers"][1] for rule in inhibit_rules()]
    assert set(severities) == {'severity="critical"', 'severity=~"critical|warning"'}


def test_a_warning_does_not_mute_a_target_with_a_raised_severity() -> None:
    for each, rule in zip(INHIBITIONS, inhibit_rules(), strict=True):
        assert ('severity!="critical"' in rule["target_matchers"]) == (each.source_severity == "warning")
