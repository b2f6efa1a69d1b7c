"""Routes of other teams: generated configuration and notifications, and what the operator may do for them.

Nodes and pods are simulated by KWOK; operator, API server, controllers and engine are real.
"""

from __future__ import annotations

import base64
import itertools
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from local.demo.fake_receivers import SWITCH
from operations.team_objects.notified import with_team_routes
from operations.team_objects.objects import TeamObject
from routing.matching import receivers_reached
from routing.templates import templates
from tools.checkout import Checkout
from tools.delivery.alertmanager import SETTLE_SECONDS, Configuration, alertmanager, wait_until
from tools.delivery.expectations import expected
from tools.delivery.stacks import DeliveryEnvironment, delivery_environment, stack
from tools.mocked_program import STACKS
from tools.operator_output import alertmanager_configuration, prometheus_files
from tools.tenant_objects import documented_objects

LOCAL: Final = stack("local")
TEAM: Final = "#search-alerts"
RECEIVER: Final = "search/search/slack"
RECONCILED_WITHIN: Final = 60
OPERATOR: Final = "system:serviceaccount:monitoring:prometheus-operator"
# What every account may do: review its own permissions.
REVIEWS: Final = ("authorization.k8s.io", "authentication.k8s.io")
DELIVERED_WITHIN: Final = 20


def documented() -> dict[str, Any]:
    """Return the route in the documentation."""
    (found,) = (each for each in documented_objects() if each["kind"] == "AlertmanagerConfig")
    return found


class Cluster:
    """A cluster with a deployed stack."""

    def __init__(self, checkout: Checkout, folder: Path) -> None:
        self._checkout, self._folder = checkout, folder

    def kubectl(self, *arguments: str, text: str | None = None) -> str:
        return self._checkout.control_plane.kubectl(*arguments, text=text)

    def operator_log(self) -> list[str]:
        return (self._checkout.control_plane.state / "logs" / "prometheus-operator.log").read_text().splitlines()

    def is_allowed(self, group: str, resource: str, verb: str, namespace: str) -> bool:
        """Return whether the operator may do something; without a namespace, in all of them."""
        name, _, subresource = resource.partition("/")
        attributes = {
            "group": group,
            "resource": name,
            "subresource": subresource,
            "verb": verb,
            "namespace": namespace,
        }
        return bool(self._review("SelfSubjectAccessReview", {"resourceAttributes": attributes})["allowed"])

    def _review(self, kind: str, specification: dict[str, Any]) -> dict[str, Any]:
        review = {"apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": specification}
        arguments = ("create", "--filename=-", "--output=json", "--validate=false", f"--as={OPERATOR}")
        status: dict[str, Any] = json.loads(self.kubectl(*arguments, text=json.dumps(review)))["status"]
        return status

    def permissions(self, namespace: str) -> set[tuple[str, str, str]]:
        """Return group, resource and verb of everything that the operator may do in a namespace."""
        status = self._review("SelfSubjectRulesReview", {"namespace": namespace})
        assert not status["incomplete"]
        return {
            (group, resource, verb)
            for rule in status["resourceRules"]
            for group in rule["apiGroups"]
            for resource in rule["resources"]
            for verb in rule["verbs"]
        }

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

    def uid(self, name: str) -> str:
        """Return the UID of an object of the stack's namespace; empty if it does not exist."""
        arguments = ("--namespace=monitoring", "--ignore-not-found", "--output=jsonpath={.metadata.uid}")
        return self.kubectl("get", name, *arguments)

    def prometheus_configuration(self) -> str:
        return prometheus_files(self._checkout.control_plane, self._folder)[0].read_text()

    def conditions(self) -> set[tuple[str, str]]:
        """Return type and status of all conditions of Prometheus and Alertmanager at their current generation."""
        items = json.loads(self.kubectl("get", "prometheuses,alertmanagers", "-n", "monitoring", "-o", "json"))["items"]
        assert len(items) == 2
        return {
            (each["type"], each["status"])
            for item in items
            for each in item["status"]["conditions"]
            if each["observedGeneration"] == item["metadata"]["generation"]
        }

    def secret(self, name: str) -> dict[str, str]:
        output = self._checkout.control_plane.kubectl("get", "secret", name, "-n", "monitoring", "-o", "json")
        return {key: base64.b64decode(text).decode("latin-1") for key, text in json.loads(output)["data"].items()}


def login(namespace: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "login", "namespace": namespace},
        "stringData": {"username": "search", "password": "search"},
    }


def names(configuration: Configuration) -> set[str]:
    return {receiver["name"] for receiver in configuration["receivers"]}


@pytest.fixture(scope="module")
def cluster(deployed: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """A stack whose operator may read the Secrets of namespace `search`, and not those of `orders`."""
    cluster = Cluster(deployed, tmp_path_factory.mktemp("cluster"))
    for name in ("search", "orders"):
        cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    with deployed.edit_settings() as settings:
        targets = {"apiServer": False, "kubelet": True, "coreDns": False}
        settings["monitoring:operator"] |= {"secretNamespaces": ["search"], "clusterTargets": targets}
    result = deployed.run_engine("up", "--yes", "--skip-preview", "--suppress-outputs", timeout=300)
    assert result.returncode == 0, result.stdout
    return cluster


@pytest.fixture(scope="module")
def receivers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeliveryEnvironment]:
    with delivery_environment(LOCAL, tmp_path_factory.mktemp("receivers")) as found, found.mail():
        yield found


@pytest.fixture(scope="module")
def joined(cluster: Cluster, receivers: DeliveryEnvironment) -> Configuration:
    """Generated configuration with one valid and three faulty team routes, and one that the operator may not read."""
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
    elsewhere = {**ours, "metadata": {**ours["metadata"], "namespace": "orders"}}
    cluster.apply(elsewhere)
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
    assert {name for name in names(joined) if "/" in name} == {RECEIVER, "search/greedy/slack"}


def test_make_team_joins_a_route_as_the_operator_does(joined: Configuration) -> None:
    planned = with_team_routes(LOCAL.configuration, [TeamObject("search.yaml", documented())])
    for namespace, severity in itertools.product(("search", "orders"), ("critical", "warning", "info")):
        labels = {"alertname": "SearchDown", "namespace": namespace, "severity": severity}
        reached = [name for name in receivers_reached(joined, labels) if name != "search/greedy/slack"]
        assert list(receivers_reached(planned, labels)) == reached
    assert RECEIVER in receivers_reached(planned, {"namespace": "search", "severity": "critical"})


def monitor(namespace: str) -> dict[str, Any]:
    """Return a monitor with a login from a Secret of its namespace."""
    login = {key: {"name": "login", "key": key} for key in ("username", "password")}
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "ServiceMonitor",
        "metadata": {"name": "shop", "namespace": namespace, "labels": {"monitoring/stack": "bais"}},
        "spec": {"selector": {}, "endpoints": [{"port": "web", "basicAuth": login}]},
    }


def test_the_operator_reconciles_everything_with_its_roles(cluster: Cluster, joined: Configuration) -> None:
    """Status, configuration, Secrets, a deleted StatefulSet, the kubelets, and an event beside a faulty object."""
    cluster.apply(monitor("search"))
    cluster.apply(login("search"))
    deleted = cluster.uid("statefulset/prometheus-prometheus")
    cluster.kubectl("delete", "statefulset", "prometheus-prometheus", "--namespace=monitoring")

    def is_reconciled() -> bool:
        return (
            "serviceMonitor/search/shop/0" in cluster.prometheus_configuration()
            and cluster.uid("statefulset/prometheus-prometheus") not in ("", deleted)
            and cluster.conditions() == {("Available", "True"), ("Reconciled", "True")}
        )

    wait_until(is_reconciled, RECONCILED_WITHIN)
    assert is_reconciled()
    slices = cluster.kubectl("get", "endpointslices", "--namespace=monitoring", "--output=name")
    assert "endpointslice.discovery.k8s.io/prometheus-kubelet" in slices
    events = cluster.kubectl("get", "events", "--namespace=search", "--field-selector=reason=InvalidConfiguration")
    assert "alertmanagerconfig/faulty" in events
    assert [line for line in cluster.operator_log() if "forbidden" in line] == []


def test_the_operator_writes_only_in_its_own_namespace(cluster: Cluster) -> None:
    changes = {
        namespace: {
            f"{verb} {resource}"
            for group, resource, verb in cluster.permissions(namespace)
            if group not in REVIEWS and verb not in ("get", "list", "watch")
        }
        for namespace in ("monitoring", "search", "orders", "kube-system")
    }
    own = changes.pop("monitoring")
    assert {"create statefulsets", "update secrets", "create events"} <= own
    assert not any("*" in change or "role" in change for change in own)
    assert set(map(frozenset, changes.values())) == {frozenset({"create events", "patch events"})}


def test_the_operator_reads_secrets_only_of_its_own_namespace_and_of_those_in_the_settings(cluster: Cluster) -> None:
    namespaces = ("monitoring", "search", "orders", "default", "kube-system")
    readable = [name for name in namespaces if ("", "secrets", "get") in cluster.permissions(name)]
    assert readable == ["monitoring", "search"]


REFUSED: Final = (
    ("rbac.authorization.k8s.io", "clusterrolebindings", "create", ""),
    ("rbac.authorization.k8s.io", "rolebindings", "create", "monitoring"),
    ("", "secrets", "get", "orders"),
    ("", "secrets", "list", ""),
    ("apps", "statefulsets", "create", "search"),
    ("", "pods/exec", "create", "monitoring"),
    ("discovery.k8s.io", "endpointslices", "update", "kube-system"),
)
ALLOWED: Final = (("apps", "statefulsets", "create", "monitoring"), ("", "secrets", "get", "search"))


def test_the_api_server_refuses_the_operator_what_it_does_not_need(cluster: Cluster) -> None:
    assert [action for action in (*REFUSED, *ALLOWED) if cluster.is_allowed(*action)] == list(ALLOWED)


def test_a_monitor_with_a_secret_that_the_operator_may_not_read_is_rejected_with_the_reason_and_affects_no_other(
    cluster: Cluster,
) -> None:
    cluster.apply(monitor("orders"))
    cluster.apply(login("orders"))

    def events() -> str:
        return cluster.kubectl("get", "events", "--namespace=orders", "--field-selector=reason=InvalidConfiguration")

    wait_until(lambda: "servicemonitor/shop" in events(), RECONCILED_WITHIN)
    assert "servicemonitor/shop" in events()
    assert 'cannot get resource "secrets"' in events()
    assert "serviceMonitor/search/shop/0" in cluster.prometheus_configuration()
    assert "serviceMonitor/orders/shop/0" not in cluster.prometheus_configuration()


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
