from typing import Any

import pytest

from tests.settings.test_stack import problems


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-public", "openshift", "openshift-monitoring"])
def test_a_namespace_of_the_cluster_itself_is_refused(name: str) -> None:
    ((key, found, allowed),) = problems(namespace=name)
    assert (key, found) == ("monitoring:namespace", f"{name}, a namespace of the cluster itself")
    assert "kube-*" in allowed


@pytest.mark.parametrize(
    ("changes", "used_by"),
    [
        ({"services": [{"name": "api", "namespace": "shop"}]}, "services[0].namespace"),
        ({"network": {"clients": ["other", "shop"]}}, "network.clients"),
        ({"network": {"ingressNamespaces": ["shop"]}}, "network.ingressNamespaces"),
    ],
)
def test_a_namespace_that_another_setting_names_is_refused(changes: dict[str, Any], used_by: str) -> None:
    allowed = "a namespace that no other setting names"
    expected = [("monitoring:namespace", f"shop, but {used_by} names it", allowed)]
    assert problems(namespace="shop", **changes) == expected


def test_the_node_exporters_namespace_is_checked_too() -> None:
    ((key, found, _),) = problems(namespace="shop", network={"clients": ["shop-node-exporter"]})
    assert (key, found) == ("monitoring:namespace", "shop-node-exporter, but network.clients names it")


def test_only_a_namespace_of_the_stack_can_be_adopted() -> None:
    assert problems(namespaces={"adopt": ["monitoring", "monitoring-node-exporter"]}) == []
    ((key, found, allowed),) = problems(namespaces={"adopt": ["monitoring", "shop"]})
    assert (key, found) == ("monitoring:namespaces.adopt[1]", "shop")
    assert allowed == "a namespace of the stack: monitoring or monitoring-node-exporter"


def test_secrets_are_readable_only_in_namespaces_of_other_teams_and_by_an_operator_of_the_stack() -> None:
    assert problems(operator={"secretNamespaces": ["search", "orders"]}) == []
    found = problems(operator={"secretNamespaces": ["search", "monitoring", "kube-system", "search"]})
    assert [(key, value) for key, value, _ in found] == [
        ("monitoring:operator.secretNamespaces[1]", "monitoring"),
        ("monitoring:operator.secretNamespaces[2]", "kube-system"),
        ("monitoring:operator.secretNamespaces[3]", "search, listed twice"),
    ]
    ((key, value, _),) = problems(operator={"secretNamespaces": ["search"], "enabled": False})
    assert (key, value) == ("monitoring:operator.secretNamespaces", "search with operator.enabled: false")
