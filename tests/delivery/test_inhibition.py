"""Every inhibition rule, executed by a real Alertmanager."""

from __future__ import annotations

import time
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final

import pytest

from local.demo.fake_receivers import Inbox
from routing.inhibition import INHIBITIONS, ORIGIN
from tools.delivery.alertmanager import SETTLE_SECONDS, Alertmanager, wait_until
from tools.delivery.figures import RecordProperty
from tools.delivery.stacks import Stack, delivering, stack
from tools.expected_alerts import common_labels

DELIVERED_WITHIN: Final = 30
# Each alert mutes the next one.
CHAIN: Final = ("CertificateExpired", "EndpointProbeFailed", "EndpointDnsSlow")


@dataclass(frozen=True)
class Case:
    """A source, a target with equal labels, and targets that differ in one label."""

    name: str
    source_name: str
    source: dict[str, Any]
    target: dict[str, Any]
    elsewhere: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Outcome:
    """Marks of the delivered alerts.

    Attributes:
        during: While the sources fire.
        after: After the sources are resolved.
        chain: Of the chain of inhibitions.
        storm: If all alerts fire with equal labels.
    """

    during: AbstractSet[str]
    after: AbstractSet[str]
    chain: AbstractSet[str]
    storm: AbstractSet[str]


def cases(of: Stack) -> list[Case]:
    """Return a case per pair of source and target."""
    found = []
    pairs = [(each, target) for each in INHIBITIONS for target in each.targets]
    for inhibition, target in pairs:
        name = f"{inhibition.source}_{target}"
        # The `equal` labels and, unless the targets are other objects, all that identify the subject of these alerts.
        static = set(of.rules[inhibition.source]["labels"])
        common = set() if inhibition.across else common_labels((inhibition.source, *inhibition.targets)) - static
        places = {*ORIGIN, *inhibition.equal, *common}
        # A cluster per pair, because a source may mute alerts of its whole cluster.
        here = dict.fromkeys(places, name.lower())
        # A label that the source has by its rule cannot have another value.
        here |= {label: of.rules[inhibition.source]["labels"][label] for label in set(inhibition.equal) & static}
        elsewhere = {
            f"{name}_{label}": of.alert(target, {**here, label: f"not_{name.lower()}"}, mark=f"{name}_{label}")
            for label in sorted(places)
        }
        source = of.alert(inhibition.source, here, mark=f"{name}_source")
        found.append(Case(name, inhibition.source, source, of.alert(target, here, mark=name), elsewhere))
    return found


PROD: Final = stack("prod")
CASES: Final = cases(PROD)
# Marks of the targets that must not be muted.
ELSEWHERE: Final = {mark for case in CASES for mark in case.elsewhere}
# Muted if everything fires at one place, which includes no label that a source has by its rule.
TARGETS: Final = {
    target
    for each in INHIBITIONS
    if not set(each.equal) & set(PROD.rules[each.source]["labels"])
    for target in each.targets
}

each_source = pytest.mark.parametrize("source", dict.fromkeys(case.source_name for case in CASES))


def cases_of(source: str) -> list[Case]:
    """Return the cases of a source alert."""
    return [case for case in CASES if case.source_name == source]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    def running() -> AbstractContextManager[tuple[Alertmanager, Inbox]]:
        return delivering(PROD, tmp_path_factory.mktemp("inhibition"))

    with running() as (alertmanager, inbox):
        sources = [case.source for case in CASES]
        alertmanager.post(sources)
        others = [alert for case in CASES for alert in (case.target, *case.elsewhere.values())]
        during = marks_delivered(alertmanager, inbox, others, ELSEWHERE)
        alertmanager.post(sources, resolved=True)
        wait_until(lambda: {case.name for case in CASES} <= set(inbox.received()), DELIVERED_WITHIN)
        after = set(inbox.received())
    # A new Alertmanager per scenario: a group that has notified before does not wait again, so a target could be
    # delivered before its source is known.
    with running() as (alertmanager, inbox):
        linked = [PROD.alert(name, place="chain", mark=f"{name}_chain") for name in CHAIN]
        chain = marks_delivered(alertmanager, inbox, linked, {f"{CHAIN[0]}_chain"})
    with running() as (alertmanager, inbox):
        everything = [PROD.alert(name, place="storm") for name in PROD.rules]
        storm = marks_delivered(alertmanager, inbox, everything, set(PROD.rules) - TARGETS)
    return Outcome(during, after, chain, storm)


def marks_delivered(
    alertmanager: Alertmanager, inbox: Inbox, alerts: list[dict[str, Any]], awaited: AbstractSet[str]
) -> AbstractSet[str]:
    """Post alerts, wait for the awaited marks and return the marks of all messages."""
    inbox.clear()
    alertmanager.post(alerts)
    wait_until(lambda: awaited <= set(inbox.received()), DELIVERED_WITHIN)
    time.sleep(SETTLE_SECONDS)
    return set(inbox.received())


@each_source
def test_a_target_is_muted_while_its_source_fires_and_delivered_afterwards(
    source: str, outcome: Outcome, record_property: RecordProperty
) -> None:
    pairs = cases_of(source)
    executed = [
        case.name
        for case in pairs
        if case.name not in outcome.during and case.name in outcome.after and set(case.elsewhere) <= outcome.during
    ]
    record_property("inhibited", (len(executed), len(pairs)))
    assert [case.name for case in pairs if case.name in outcome.during] == [], "delivered while the source fires"
    assert [case.name for case in pairs if case.name not in outcome.after] == [], "not delivered after the source ends"


@each_source
def test_a_target_with_other_labels_is_delivered(source: str, outcome: Outcome) -> None:
    elsewhere = [mark for case in cases_of(source) for mark in case.elsewhere]
    assert elsewhere
    assert [mark for mark in elsewhere if mark not in outcome.during] == []


def test_a_muted_alert_still_mutes_others(outcome: Outcome) -> None:
    assert {mark for mark in outcome.chain if mark.endswith("_chain")} == {f"{CHAIN[0]}_chain"}


def test_if_everything_fires_all_alerts_on_security_and_failed_payments_are_delivered(outcome: Outcome) -> None:
    never_muted = {name for name, rule in PROD.rules.items() if rule["labels"]["area"] == "security"}
    assert never_muted | {"PaymentFailureRateHigh", "PaymentProviderFailing", "PaymentsStopped"} <= outcome.storm


def test_if_everything_fires_all_alerts_except_targets_are_delivered(outcome: Outcome) -> None:
    assert {mark for mark in outcome.storm if mark in PROD.rules} == set(PROD.rules) - TARGETS
