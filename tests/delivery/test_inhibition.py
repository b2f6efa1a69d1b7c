"""Each pair of the table of inhibitions, executed by a real Alertmanager with production's configuration."""

from __future__ import annotations

import time
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final

import pytest

from local.demo.fake_receivers import Inbox
from routing.inhibition import INHIBITIONS
from tools.delivery.alertmanager import SETTLED_AFTER, Alertmanager, wait_until
from tools.delivery.figures import RecordProperty
from tools.delivery.stacks import Stack, delivering, stack
from tools.expected_alerts import common_labels

DELIVERED_WITHIN: Final = 30
# Its source and its target are muted and muting at once.
CHAIN: Final = ("CertificateExpired", "EndpointProbeFailed", "EndpointDnsSlow")


@dataclass(frozen=True)
class Case:
    """A source and a target that agree in all labels that must be equal, and targets that differ in one of them."""

    name: str
    source: dict[str, Any]
    target: dict[str, Any]
    elsewhere: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Outcome:
    """The marks that were told of: while the sources fired, after they ended, of the chain, and of a storm."""

    during: AbstractSet[str]
    after: AbstractSet[str]
    chain: AbstractSet[str]
    storm: AbstractSet[str]


def cases(of: Stack) -> list[Case]:
    found = []
    pairs = [(each, target) for each in INHIBITIONS for target in each.targets]
    for inhibition, target in pairs:
        name = f"{inhibition.source}_{target}"
        # Not only what the table says must be equal: all that tells one place from another in the alerts themselves.
        said = set(of.rules[inhibition.source]["labels"])
        places = {*inhibition.equal, *(common_labels((inhibition.source, *inhibition.targets)) - said)}
        here = dict.fromkeys(places, name.lower())
        elsewhere = {
            f"{name}_{label}": of.alert(target, {**here, label: f"not_{name.lower()}"}, mark=f"{name}_{label}")
            for label in sorted(places)
        }
        source = of.alert(inhibition.source, here, mark=f"{name}_source")
        found.append(Case(name, source, of.alert(target, here, mark=name), elsewhere))
    return found


PROD: Final = stack("prod")
CASES: Final = cases(PROD)
ELSEWHERE: Final = {mark for case in CASES for mark in case.elsewhere}


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    def delivered() -> AbstractContextManager[tuple[Alertmanager, Inbox]]:
        return delivering(PROD, tmp_path_factory.mktemp("inhibition"))

    with delivered() as (alertmanager, inbox):
        sources = [case.source for case in CASES]
        alertmanager.post(sources)
        others = [alert for case in CASES for alert in (case.target, *case.elsewhere.values())]
        during = told(alertmanager, inbox, others, ELSEWHERE)
        alertmanager.post(sources, resolved=True)
        wait_until(lambda: {case.name for case in CASES} <= set(inbox.received()), DELIVERED_WITHIN)
        after = set(inbox.received())
    # An Alertmanager each: a group that has told before does not wait again, and might be told of before what mutes it.
    with delivered() as (alertmanager, inbox):
        linked = [PROD.alert(name, place="chain", mark=f"{name}_chain") for name in CHAIN]
        chain = told(alertmanager, inbox, linked, {f"{CHAIN[0]}_chain"})
    with delivered() as (alertmanager, inbox):
        everything = [PROD.alert(name, place="storm") for name in PROD.rules]
        storm = told(alertmanager, inbox, everything, {"ServiceDown", "NodeDown"})
    return Outcome(during, after, chain, storm)


def told(
    alertmanager: Alertmanager, inbox: Inbox, alerts: list[dict[str, Any]], awaited: AbstractSet[str]
) -> AbstractSet[str]:
    """The marks of all messages since these alerts were posted; the awaited ones come, or time is up."""
    inbox.clear()
    alertmanager.post(alerts)
    wait_until(lambda: awaited <= set(inbox.received()), DELIVERED_WITHIN)
    time.sleep(SETTLED_AFTER)
    return set(inbox.received())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_target_is_muted_while_its_source_fires_and_told_of_when_that_ends(
    case: Case, outcome: Outcome, record_property: RecordProperty
) -> None:
    executed = case.name not in outcome.during and case.name in outcome.after and set(case.elsewhere) <= outcome.during
    record_property("inhibited", (int(executed), 1))
    assert case.name not in outcome.during
    assert case.name in outcome.after


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_same_target_elsewhere_is_told_of(case: Case, outcome: Outcome) -> None:
    assert set(case.elsewhere) <= outcome.during


def test_an_alert_that_is_muted_still_mutes(outcome: Outcome) -> None:
    assert {mark for mark in outcome.chain if mark.endswith("_chain")} == {f"{CHAIN[0]}_chain"}


def test_when_everything_fires_at_one_place_no_security_or_critical_payment_alert_is_lost(outcome: Outcome) -> None:
    never_muted = {
        name
        for name, rule in PROD.rules.items()
        if rule["labels"]["area"] == "security"
        or (rule["labels"]["area"], rule["labels"]["severity"]) == ("payments", "critical")
    }
    assert never_muted <= outcome.storm


def test_when_everything_fires_at_one_place_all_but_the_targets_are_told_of(outcome: Outcome) -> None:
    targets = {target for each in INHIBITIONS for target in each.targets}
    assert {mark for mark in outcome.storm if mark in PROD.rules} == set(PROD.rules) - targets
