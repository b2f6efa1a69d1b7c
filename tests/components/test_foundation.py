from typing import Any, Final

import pytest

from common.labels import SELECTOR
from tests.components.production import run_production, unchanged_production
from tools.mocked_program import STACKS, Run, configuration, run_program

POLICY: Final = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
PRIORITY: Final = "kubernetes:scheduling.k8s.io/v1:PriorityClass"
RELEASE: Final = "kubernetes:helm.sh/v3:Release"
CUSTOM: Final = "kubernetes:monitoring.coreos.com/v1"


@pytest.fixture
def prod(cluster_answers: None) -> Run:
    return unchanged_production()


def policies(done: Run) -> dict[tuple[str, str], Any]:
    inputs = ((policy.inputs["metadata"], policy.inputs["spec"]) for policy in done.of_type(POLICY))
    return {(metadata["namespace"], metadata["name"]): spec for metadata, spec in inputs}


def classes_of_pods(done: Run) -> dict[str, str]:
    """Return the priority class of every pod, by release or custom resource."""
    found = {each.name: each.inputs["values"] for each in done.of_type(RELEASE)}
    found["operator-release"] = found["operator-release"]["prometheusOperator"]
    found |= {
        each.name: each.inputs["spec"] for kind in ("Prometheus", "Alertmanager") for each in instances(done, kind)
    }
    return {name: values["priorityClassName"] for name, values in found.items() if "definitions" not in name}


def instances(done: Run, kind: str) -> list[Any]:
    return done.of_type(f"{CUSTOM}:{kind}")


@pytest.mark.parametrize("stack", STACKS)
def test_every_namespace_of_a_stack_has_a_default_deny_policy(
    stack: str, cluster_answers: None, stand_in_charts: str
) -> None:
    found = policies(run_program(configuration(stack, stand_in_charts if stack == "local" else "upstream")))
    for namespace in ("monitoring", "monitoring-node-exporter"):
        assert found[namespace, "default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_each_component_has_its_own_policy(prod: Run) -> None:
    assert {name for namespace, name in policies(prod) if namespace == "monitoring"} == {
        "default-deny",
        "prometheus",
        "alertmanager",
        "operator",
        "kube-state-metrics",
        "blackbox-exporter",
        "grafana",
        "postgres-exporter",
        "redis-exporter",
    }
    assert [name for namespace, name in policies(prod) if namespace != "monitoring"] == ["default-deny"]


def test_a_port_in_the_settings_reaches_the_policy(prod: Run) -> None:
    (notification_rule,) = (
        rule
        for rule in policies(prod)["monitoring", "alertmanager"]["egress"]
        if len(rule["ports"]) == 2 and rule["ports"][1]["port"] == 587
    )
    assert notification_rule == {"ports": [{"protocol": "TCP", "port": 443}, {"protocol": "TCP", "port": 587}]}


def test_a_new_probe_changes_only_the_policy_of_the_blackbox_exporter(prod: Run) -> None:
    probe = {"name": "db", "address": "db.example:5432", "service": "postgresql"}
    before, after = policies(prod), policies(run_production(probes={"tcp": [probe]}))
    assert [name for name in after if after[name] != before[name]] == [("monitoring", "blackbox-exporter")]


def test_network_policies_can_be_disabled(cluster_answers: None) -> None:
    done = run_production(network={"policies": False})
    assert done.of_type(POLICY) == []
    assert done.of_type("monitoring:index:NetworkPolicies") == []


def test_policies_and_priority_classes_are_created_before_the_first_pod(prod: Run) -> None:
    dependencies = prod.one(RELEASE, "custom-resource-definitions-release").dependencies
    assert {"network-policies-default-deny", "network-policies-prometheus", "priority-classes-pieces"} <= dependencies
    assert "custom-resource-definitions-release" in prod.one(RELEASE, "operator-release").dependencies


def test_every_pod_has_a_priority_class_and_the_node_exporter_the_higher_one(prod: Run) -> None:
    found = classes_of_pods(prod)
    assert found.pop("node-exporter-release") == "bais-monitoring-node-exporter"
    assert set(found.values()) == {"bais-monitoring"}
    assert len(found) == 8
    classes = {each.inputs["metadata"]["name"]: each.inputs for each in prod.of_type(PRIORITY)}
    assert set(classes) == {"bais-monitoring", "bais-monitoring-node-exporter"}
    assert classes["bais-monitoring"]["value"] < classes["bais-monitoring-node-exporter"]["value"] < 2_000_000_000


def test_only_the_node_exporter_preempts_other_pods(prod: Run) -> None:
    classes = {each.inputs["metadata"]["name"]: each.inputs["preemptionPolicy"] for each in prod.of_type(PRIORITY)}
    assert classes == {"bais-monitoring": "Never", "bais-monitoring-node-exporter": "PreemptLowerPriority"}


def test_an_existing_priority_class_is_used_for_every_pod(cluster_answers: None) -> None:
    done = run_production(scheduling={"priorityClass": "infrastructure"})
    assert set(classes_of_pods(done).values()) == {"infrastructure"}
    assert done.of_type(PRIORITY) == []


def test_the_operator_manages_only_instances_in_the_stacks_own_namespace(prod: Run) -> None:
    operator = prod.one(RELEASE, "operator-release").inputs["values"]["prometheusOperator"]
    for kind in ("prometheusInstance", "alertmanagerInstance", "thanosRulerInstance"):
        assert operator[f"{kind}Namespaces"] == ["monitoring"]


def test_other_teams_can_route_only_alerts_of_their_own_namespace(prod: Run) -> None:
    (alertmanager,) = (each.inputs["spec"] for each in prod.resources if each.inputs.get("kind") == "Alertmanager")
    assert alertmanager["alertmanagerConfigNamespaceSelector"] == {}
    assert alertmanager["alertmanagerConfigSelector"] == {"matchLabels": dict(SELECTOR)}
    assert alertmanager["alertmanagerConfigMatcherStrategy"] == {"type": "OnNamespace"}


def test_the_node_exporter_uses_the_host_network_but_not_the_host_pid_namespace(prod: Run) -> None:
    values = prod.one(RELEASE, "node-exporter-release").inputs["values"]
    assert (values["hostNetwork"], values["hostPID"]) == (True, False)
