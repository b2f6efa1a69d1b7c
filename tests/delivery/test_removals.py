"""Removed routes, inhibition labels and tokens: each removal must be detected.

Removed template fields are tested in test_messages.py.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest

from local.demo.fake_receivers import PAGERDUTY, SWITCH
from routing.inhibition import INHIBITIONS, ORIGIN
from tests.delivery.test_inhibition import CASES
from tools.delivery.alertmanager import SETTLE_SECONDS, Alertmanager, alertmanager, wait_until
from tools.delivery.expectations import addresses, expected
from tools.delivery.stacks import delivering, delivery_environment, stack, with_mark

PROD: Final = stack("prod")
TIMEOUT_SECONDS: Final = 20
ROUTES: Final = range(len(PROD.configuration["route"]["routes"]))
LABELS: Final = sorted({label for each in INHIBITIONS for label in (*ORIGIN, *each.equal)})
# Each token, and the addresses that need it.
TOKENS: Final = {
    "slack-critical-webhook-url": {"#bais-critical"},
    "slack-warning-webhook-url": {"#bais-alerts"},
    "slack-security-webhook-url": {"#bais-security"},
    "pagerduty-routing-key": {PAGERDUTY},
    "smtp-password": {"on-call@bais.example", "security@bais.example"},
    "dead-mans-switch-url": {SWITCH},
}
# Severity `none` like the Watchdog, but not for the switch: it has no receiver.
OTHER: Final = {"alertname": "Other", "severity": "none", "area": "monitoring"}
WITHOUT_RECEIVER: Final = with_mark("Other", {**OTHER, "catalogue": "bais"}, {})
# Not an alert of the catalogue, whatever it says.
FOREIGN: Final = with_mark("Foreign", {**OTHER, "alertname": "Foreign", "severity": "critical"}, {})


def misrouted(running: Alertmanager) -> set[str]:
    """Return the alerts that Alertmanager routes to other addresses than expected."""
    of_receiver = {receiver["name"]: addresses(receiver) for receiver in PROD.configuration["receivers"]}
    expectation = {name: expected("prod", PROD.alert(name)["labels"]) for name in PROD.rules}
    expectation |= {"Other": set(), "Foreign": {"#bais-alerts"}}
    found = running.receivers()
    return {
        name for name in expectation if set().union(*(of_receiver[each] for each in found[name])) != expectation[name]
    }


@pytest.fixture(scope="module")
def routing(tmp_path_factory: pytest.TempPathFactory) -> dict[int, set[str]]:
    """Return the misrouted alerts by the number of the removed route.

    -1 for all routes.
    """
    found = {}
    with delivering(PROD, tmp_path_factory.mktemp("routes")) as (running, _):
        running.post([WITHOUT_RECEIVER, FOREIGN, *(PROD.alert(name) for name in PROD.rules)])
        found[-1] = misrouted(running)
        original: list[Any] = []
        running.change(lambda configuration: original.extend(copy.deepcopy(configuration["route"]["routes"])))
        for number in ROUTES:
            remaining = [*original[:number], *original[number + 1 :]]
            running.change(lambda configuration, remaining=remaining: configuration["route"].update(routes=remaining))  # type: ignore[misc]
            wait_until(lambda: running.receivers().keys() > PROD.rules.keys(), TIMEOUT_SECONDS)
            found[number] = misrouted(running)
    return found


def test_with_all_routes_no_alert_is_misrouted(routing: dict[int, set[str]]) -> None:
    assert routing[-1] == set()


@pytest.mark.parametrize("number", ROUTES)
def test_without_one_route_an_alert_is_misrouted(number: int, routing: dict[int, set[str]]) -> None:
    assert routing[number] != set()


@pytest.fixture(scope="module")
def muted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Return the wrongly muted targets by the label removed from `equal`.

    "" for none removed.
    """
    found = {}
    alerts = [alert for case in CASES for alert in (case.source, case.target, *case.elsewhere.values())]
    with delivering(PROD, tmp_path_factory.mktemp("equal")) as (running, _):
        running.post(alerts)
        original: list[Any] = []
        running.change(lambda configuration: original.extend(copy.deepcopy(configuration["inhibit_rules"])))
        for label in ("", *LABELS):
            rules = [rule | {"equal": [each for each in rule["equal"] if each != label]} for rule in original]
            running.change(lambda configuration, rules=rules: configuration.update(inhibit_rules=rules))  # type: ignore[misc]
            # After a reload Alertmanager evaluates all alerts again; it is done when all expected targets are muted.
            wait_until(lambda: {case.name for case in CASES} <= running.muted(), TIMEOUT_SECONDS)
            found[label] = running.muted() & {mark for case in CASES for mark in case.elsewhere}
    return found


def test_with_all_equal_labels_no_other_target_is_muted(muted: dict[str, set[str]]) -> None:
    assert muted[""] == set()


@pytest.mark.parametrize("label", LABELS)
def test_without_one_equal_label_targets_that_differ_in_it_are_muted(label: str, muted: dict[str, set[str]]) -> None:
    assert muted[label] >= {f"{case.name}_{label}" for case in CASES if f"{case.name}_{label}" in case.elsewhere}


@pytest.fixture(scope="module")
def silent_addresses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Return the addresses that receive nothing, by the removed token."""
    folders = {token: tmp_path_factory.mktemp(token) for token in TOKENS}
    with ThreadPoolExecutor(len(TOKENS)) as threads:
        return dict(zip(folders, threads.map(without_token, folders, folders.values()), strict=True))


def without_token(token: str, folder: Path) -> set[str]:
    """Deliver alerts without a token; return the addresses that receive nothing."""
    alerts = [PROD.alert(name) for name in ("NodeDown", "NodeCpuHigh", "CredentialRotationOverdue", "Watchdog")]
    expectation = {address for alert in alerts for address in expected("prod", alert["labels"])}
    with (
        delivery_environment(PROD, folder) as environment,
        environment.mail(),
        alertmanager(folder / "alertmanager", environment.configuration) as running,
    ):
        (environment.tokens / token).unlink()
        running.post(alerts)
        found: Callable[[], set[str]] = lambda: {message.address for message in environment.inbox.messages}  # noqa: E731
        wait_until(lambda: expectation - found() == TOKENS[token], TIMEOUT_SECONDS)
        time.sleep(SETTLE_SECONDS)
        return expectation - found()


@pytest.mark.parametrize("token", TOKENS)
def test_without_one_token_its_channel_receives_nothing(token: str, silent_addresses: dict[str, set[str]]) -> None:
    assert silent_addresses[token] == TOKENS[token]
