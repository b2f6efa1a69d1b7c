"""Another team's routes: what the operator makes of them, and whom a real Alertmanager then tells.

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
    """The example of the documentation."""
    page = (PROJECT / "docs" / "monitored-by-others.md").read_text()
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]
    (found,) = (block for block in blocks if block["kind"] == "AlertmanagerConfig")
    return dict(found)


class Cluster:
    """The cluster with a deployed stack, and the configuration that the operator wrote last."""

    def __init__(self, checkout: Checkout, folder: Path) -> None:
        self._checkout, self._folder = checkout, folder

    def apply(self, manifest: dict[str, Any]) -> None:
        file = self._folder / "manifest.yaml"
        file.write_text(yaml.safe_dump(manifest))
        self._checkout.control_plane.kubectl("apply", "--server-side", "--force-conflicts", f"--filename={file}")

    def written(self, until: Callable[[Configuration], bool]) -> Configuration:
        """What the operator wrote, as soon as it says this."""
        deadline = time.monotonic() + RECONCILED_WITHIN
        while True:
            path = alertmanager_configuration(self._checkout.control_plane, self._folder)
            found: Configuration = yaml.safe_load(path.read_text())
            if until(found) or time.monotonic() > deadline:
                return found
            time.sleep(0.5)

    def secret(self, name: str) -> dict[str, str]:
        answer = self._checkout.control_plane.kubectl("get", "secret", name, "-n", "monitoring", "-o", "json")
        return {key: base64.b64decode(text).decode("latin-1") for key, text in json.loads(answer)["data"].items()}


def names(configuration: Configuration) -> set[str]:
    return {receiver["name"] for receiver in configuration["receivers"]}


@pytest.fixture(scope="module")
def cluster(checkout: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    result = checkout.run("up")
    assert result.returncode == 0, result.stdout
    return Cluster(checkout, tmp_path_factory.mktemp("cluster"))


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeliveryEnvironment]:
    with delivery_environment(LOCAL, tmp_path_factory.mktemp("around")) as found, found.mail():
        yield found


@pytest.fixture(scope="module")
def joined(cluster: Cluster, around: DeliveryEnvironment) -> Configuration:
    """The operator's configuration with the team's route, and what it makes of three faulty ones."""
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "search"}})
    cluster.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "search-slack", "namespace": "search"},
            "stringData": {"url": f"{around.services}/slack/search"},
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
    return cluster.written(lambda found: {RECEIVER, "search/greedy/slack"} <= names(found))


def test_the_operator_takes_the_documented_route_and_none_that_is_faulty_or_has_no_label(joined: Configuration) -> None:
    assert {name for name in names(joined) if name.startswith("search/")} == {RECEIVER, "search/greedy/slack"}


def test_a_team_hears_of_its_namespace_only_and_takes_nothing_from_anybody(
    joined: Configuration, around: DeliveryEnvironment, tmp_path: Path
) -> None:
    alerts = [
        LOCAL.alert("KubePodCrashLooping", {"namespace": "search"}, mark="Theirs"),
        LOCAL.alert("KubeQuotaNearlyUsed", {"namespace": "bais"}, mark="Others"),
        LOCAL.alert("NodeDown", mark="Nobodys"),
        LOCAL.alert("Watchdog"),
    ]
    (_, others, nobodys, _) = alerts
    assert "namespace" in others["labels"]
    nobodys["labels"].pop("namespace", None)
    marks = ("Theirs", "Others", "Nobodys", "Watchdog")
    wanted = {mark: sorted(expected("local", alert["labels"])) for mark, alert in zip(marks, alerts, strict=True)}
    # Once by the documented route, once by the one that asked for every namespace.
    wanted["Theirs"] = sorted([*wanted["Theirs"], TEAM, TEAM])
    assert wanted["Watchdog"] == [SWITCH]
    with alertmanager(tmp_path, around.redirect(joined)) as running:
        running.post(alerts)
        wait_until(lambda: around.inbox.received() == wanted, DELIVERED_WITHIN)
        time.sleep(SETTLE_SECONDS)
        assert around.inbox.received() == wanted


def test_the_templates_lie_beside_the_configuration(cluster: Cluster) -> None:
    found = cluster.secret("alertmanager-alertmanager-generated")
    assert {name: found[name].encode("latin-1").decode() for name in templates()} == templates()


@pytest.mark.parametrize("name", STACKS)
def test_the_operator_leaves_what_a_stack_says_as_it_is(name: str, cluster: Cluster, joined: Configuration) -> None:
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

    found = own(cluster.written(lambda found: own(found) == written_as_the_operator_does(ours)))
    assert found == written_as_the_operator_does(ours)


def written_as_the_operator_does(configuration: Configuration) -> Configuration:
    return {key: value for key, value in configuration.items() if value != []}
