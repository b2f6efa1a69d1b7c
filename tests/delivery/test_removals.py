"""What is found out when something is taken away: tests of the tests beside this one.

A template without one of its fields is in test_messages.py.
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
from routing.inhibition import INHIBITIONS
from tests.delivery.test_inhibition import CASES
from tools.delivery.alertmanager import SETTLED_AFTER, Alertmanager, Configuration, alertmanager, wait_until
from tools.delivery.expectations import expected
from tools.delivery.stacks import delivering, delivery_environment, stack, with_mark

PROD: Final = stack("prod")
WITHIN: Final = 20
ROUTES: Final = range(len(PROD.configuration["route"]["routes"]))
LABELS: Final = sorted({label for each in INHIBITIONS for label in each.equal})
# Each token, and where nothing arrives without it.
TOKENS: Final = {
    "slack-critical-webhook-url": {"#bais-critical"},
    "slack-warning-webhook-url": {"#bais-alerts"},
    "slack-security-webhook-url": {"#bais-security"},
    "pagerduty-routing-key": {PAGERDUTY},
    "smtp-password": {"on-call@bais.example", "security@bais.example"},
    "dead-mans-switch-url": {SWITCH},
}
# Of no severity that means anything to a person, as the Watchdog, and not for the switch.
NOBODYS: Final = with_mark("Other", {"alertname": "Other", "severity": "none", "area": "monitoring"}, {})


def addresses(configuration: Configuration) -> dict[str, set[str]]:
    """Where each receiver sends."""
    return {
        receiver["name"]: {
            *(config["channel"] for config in receiver.get("slack_configs", [])),
            *(config["to"] for config in receiver.get("email_configs", [])),
            *(PAGERDUTY for _ in receiver.get("pagerduty_configs", [])),
            *(SWITCH for _ in receiver.get("webhook_configs", [])),
        }
        for receiver in configuration["receivers"]
    }


def misrouted(running: Alertmanager) -> set[str]:
    """The alerts that Alertmanager routes to other addresses than the table of expectations."""
    of_receiver = addresses(PROD.configuration)
    wanted = {name: expected("prod", PROD.alert(name)["labels"]) for name in PROD.rules} | {"Other": set()}
    found = running.receivers()
    return {name for name in wanted if set().union(*(of_receiver[each] for each in found[name])) != wanted[name]}


@pytest.fixture(scope="module")
def routing(tmp_path_factory: pytest.TempPathFactory) -> dict[int, set[str]]:
    """The alerts that go astray without each route, by its number; -1 is with all of them."""
    found = {}
    with delivering(PROD, tmp_path_factory.mktemp("routes")) as (running, _):
        running.post([NOBODYS, *(PROD.alert(name) for name in PROD.rules)])
        found[-1] = misrouted(running)
        whole: list[Any] = []
        running.change(lambda configuration: whole.extend(copy.deepcopy(configuration["route"]["routes"])))
        for number in ROUTES:
            left = [*whole[:number], *whole[number + 1 :]]
            running.change(lambda configuration, left=left: configuration["route"].update(routes=left))  # type: ignore[misc]
            wait_until(lambda: running.receivers().keys() > PROD.rules.keys(), WITHIN)
            found[number] = misrouted(running)
    return found


def test_with_every_route_no_alert_goes_astray(routing: dict[int, set[str]]) -> None:
    assert routing[-1] == set()


@pytest.mark.parametrize("number", ROUTES)
def test_without_one_route_an_alert_goes_astray(number: int, routing: dict[int, set[str]]) -> None:
    assert routing[number] != set()


@pytest.fixture(scope="module")
def muted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The targets elsewhere that are muted if a label need not be equal, by the label; "" is with all of them."""
    found = {}
    alerts = [alert for case in CASES for alert in (case.source, case.target, *case.elsewhere.values())]
    with delivering(PROD, tmp_path_factory.mktemp("equal")) as (running, _):
        running.post(alerts)
        whole: list[Any] = []
        running.change(lambda configuration: whole.extend(copy.deepcopy(configuration["inhibit_rules"])))
        for label in ("", *LABELS):
            rules = [rule | {"equal": [each for each in rule["equal"] if each != label]} for rule in whole]
            running.change(lambda configuration, rules=rules: configuration.update(inhibit_rules=rules))  # type: ignore[misc]
            # The reloaded one looks at all alerts again; the targets here tell when it has.
            wait_until(lambda: {case.name for case in CASES} <= running.muted(), WITHIN)
            found[label] = running.muted() & {mark for case in CASES for mark in case.elsewhere}
    return found


def test_with_all_labels_equal_nothing_is_muted_elsewhere(muted: dict[str, set[str]]) -> None:
    assert muted[""] == set()


@pytest.mark.parametrize("label", LABELS)
def test_without_one_label_that_must_be_equal_the_same_target_elsewhere_is_muted(
    label: str, muted: dict[str, set[str]]
) -> None:
    assert muted[label] >= {f"{case.name}_{label}" for case in CASES if f"{case.name}_{label}" in case.elsewhere}


@pytest.fixture(scope="module")
def unheard(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The addresses that hear nothing without each token."""
    folders = {token: tmp_path_factory.mktemp(token) for token in TOKENS}
    with ThreadPoolExecutor(len(TOKENS)) as threads:
        return dict(zip(folders, threads.map(without_token, folders, folders.values()), strict=True))


def without_token(token: str, folder: Path) -> set[str]:
    alerts = [PROD.alert(name) for name in ("NodeDown", "NodeCpuHigh", "CredentialRotationOverdue", "Watchdog")]
    wanted = {address for alert in alerts for address in expected("prod", alert["labels"])}
    with (
        delivery_environment(PROD, folder) as around,
        around.mail(),
        alertmanager(folder / "alertmanager", around.configuration) as running,
    ):
        (around.tokens / token).unlink()
        running.post(alerts)
        found: Callable[[], set[str]] = lambda: {message.address for message in around.inbox.messages}  # noqa: E731
        wait_until(lambda: wanted - found() == TOKENS[token], WITHIN)
        time.sleep(SETTLED_AFTER)
        return wanted - found()


@pytest.mark.parametrize("token", TOKENS)
def test_without_one_token_its_channel_hears_nothing(token: str, unheard: dict[str, set[str]]) -> None:
    assert unheard[token] == TOKENS[token]
