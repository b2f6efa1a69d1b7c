"""Routes of other teams: generated configuration and notifications.

Nodes and pods are simulated by KWOK; operator, API server, controllers and engine are real.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from common.project import PROJECT
from local.demo.fake_receivers import SWITCH
from routing.templates import templates
from tools.checkout import Checkout
from tools.delivery.alertmanager import SETTLE_SECONDS, Configuration, alertmanager, wait_until
from tools.delivery.expectations import expected
from tools.delivery.stacks import DeliveryEnvironment, delivery_environment, stack
from tools.mocked_program import STACKS
from tools.operator_output import alertmanager_configuration

LOCAL: Final = stack("local")
TEAM: Final = "#search-alerts"
RECEIVER: Final = "search/search/slack"
RECONCILED_WITHIN: Final = 60
DELIVERED_WITHIN: Final = 20


def documented() -> dict[str, Any]:
    """Return the example in the documentation."""
    page = (PROJECT / "docs" / "guides" / "team-monitors.md").read_text()
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]
    (found,) = (block for block in blocks if block["kind"] == "AlertmanagerConfig")
    return dict(found)


class Cluster:
    """A cluster with a deployed stack."""

    def __init__(self, checkout: Checkout, folder: Path) -> None:
        self._checkout, self._folder = checkout, folder

    def apply(self, manifest: dict[str, Any]) -> None:
        file = self._folder / "manifest.yaml"
        file.write_text(yaml.safe_dump(manifest))
        self._checkout.control_plane.kubectl("apply", "--server-side", "--force-conflicts", f"--filename={file}")

    def generated(self, condition: Callable[[Configuration], bool]) -> Configuration:
        """Wait for a generated configuration that fulfils a condition.

        Returns the last one after RECONCILED_WITHIN seconds.
        """
        deadline = time.monotonic() + RECONCILED_WITHIN
        while True:
            path = alertmanager_configuration(self._checkout.control_plane, self._folder)
            found: Configuration = yaml.safe_load(path.read_text())
            if condition(found) or time.monotonic() > deadline:
                return found
            time.sleep(0.5)

    def secret(self, name: str) -> dict[str, str]:
        output = self._checkout.control_plane.kubectl("get", "secret", name, "-n", "monitoring", "-o", "json")
        return {key: base64.b64decode(text).decode("latin-1") for key, text in json.loads(output)["data"].items()}


def names(configuration: Configuration) -> set[str]:
    return {receiver["name"] for receiver in configuration["receivers"]}


@pytest.fixture(scope="module")
def cluster(deployed: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    return Cluster(deployed, tmp_path_factory.mktemp("cluster"))


@pytest.fixture(scope="module")
def receivers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeliveryEnvironment]:
    with delivery_environment(LOCAL, tmp_path_factory.mktemp("receivers")) as found, found.mail():
        yield found


@pytest.fixture(scope="module")
def joined(cluster: Cluster, receivers: DeliveryEnvironment) -> Configuration:
    """Generated configuration with one valid and three faulty team routes."""
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "search"}})
    cluster.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "search-slack", "namespace": "search"},
            "stringData": {"url": f"{receivers.services}/slack/search"},
        }
    )
    ours = documented()
    unlabelled = {**ours, "metadata": {"name": "unlabelled", "namespace": "search"}}
    cluster.apply(unlabelled)
    greedy = json.loads(json.dumps(ours))
    greedy["metadata"]["name"] = "greedy"
    greedy["spec"]["route"]["matchers"] = [{"name": "namespace", "matchType": "=~", "value": ".*"}]
    cluster.apply(greedy)
    faulty = json.loads(json.dumps(ours))
    faulty["metadata"]["name"] = "faulty"
    faulty["spec"]["receivers"][0]["slackConfigs"][0]["apiURL"]["name"] = "no-such-secret"
    cluster.apply(faulty)
    cluster.apply(ours)
    return cluster.generated(lambda found: {RECEIVER, "search/greedy/slack"} <= names(found))


def test_the_operator_accepts_the_documented_route_and_no_faulty_or_unlabelled_one(joined: Configuration) -> None:
    assert {name for name in names(joined) if name.startswith("search/")} == {RECEIVER, "search/greedy/slack"}


def test_a_team_route_gets_only_alerts_of_its_namespace_and_removes_no_other_notification(
    joined: Configuration, receivers: DeliveryEnvironment, tmp_path: Path
) -> None:
    alerts = [
        LOCAL.alert("KubePodCrashLooping", {"namespace": "search"}, mark="Theirs"),
        LOCAL.alert("KubeQuotaNearlyUsed", {"namespace": "bais"}, mark="Others"),
        LOCAL.alert("NodeDown", mark="Unassigned"),
        LOCAL.alert("Watchdog"),
    ]
    (_, others, unassigned, _) = alerts
    assert "namespace" in others["labels"]
    unassigned["labels"].pop("namespace", None)
    marks = ("Theirs", "Others", "Unassigned", "Watchdog")
    expected_addresses = {
        mark: sorted(expected("local", alert["labels"])) for mark, alert in zip(marks, alerts, strict=True)
    }
    # Once by the documented route, once by the greedy one.
    expected_addresses["Theirs"] = sorted([*expected_addresses["Theirs"], TEAM, TEAM])
    assert expected_addresses["Watchdog"] == [SWITCH]
    with alertmanager(tmp_path, receivers.redirect(joined)) as running:
        running.post(alerts)
        wait_until(lambda: receivers.inbox.received() == expected_addresses, DELIVERED_WITHIN)
        time.sleep(SETTLE_SECONDS)
        assert receivers.inbox.received() == expected_addresses


def test_the_generated_secret_contains_the_templates(cluster: Cluster) -> None:
    found = cluster.secret("alertmanager-alertmanager-generated")
    assert {name: found[name].encode("latin-1").decode() for name in templates()} == templates()


@pytest.mark.parametrize("name", STACKS)
def test_the_operator_does_not_change_the_configuration_of_a_stack(
    name: str, cluster: Cluster, joined: Configuration
) -> None:
    ours = stack(name).configuration
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "alertmanager-configuration", "namespace": "monitoring"},
        "stringData": {"alertmanager.yaml": yaml.safe_dump(ours)},
    }
    cluster.apply(secret)

    def own(found: Configuration) -> Configuration:
        found["receivers"] = [each for each in found["receivers"] if not each["name"].startswith("search/")]
        routes = found["route"]["routes"]
        found["route"]["routes"] = [each for each in routes if not each["receiver"].startswith("search/")]
        return found

    found = own(cluster.generated(lambda found: own(found) == without_empty_lists(ours)))
    assert found == without_empty_lists(ours)


def without_empty_lists(configuration: Configuration) -> Configuration:
    return {key: value for key, value in configuration.items() if value != []}
