"""Resources of a stack whose settings make room for other stacks and releases in its cluster."""

from __future__ import annotations

from typing import Any, Final

import pytest

from common.labels import ADOPTED, SELECTOR_LABEL, ownership_labels
from manifests.cluster_objects import CRD_KIND, CRD_NAMES, kube_state_metrics_name, operator_name
from preflight.cluster_state import ClusterState
from settings.loader import build_settings, load_sections
from settings.sources import previous_outputs
from tests.components.production import production, run_production, unchanged_production
from tools.mocked_program import Run

RELEASE: Final = "kubernetes:helm.sh/v3:Release"
CUSTOM: Final = "kubernetes:monitoring.coreos.com/v1"
NAMESPACE: Final = "kubernetes:core/v1:Namespace"
PATCH: Final = "kubernetes:core/v1:NamespacePatch"
PRIORITY: Final = "kubernetes:scheduling.k8s.io/v1:PriorityClass"
POLICY: Final = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
LEVEL: Final = "pod-security.kubernetes.io/enforce"
LONG: Final = "monitoring-of-the-second-platform"


@pytest.fixture
def prod(cluster_answers: None) -> Run:
    return unchanged_production()


def qualified(**changes: Any) -> dict[str, Any]:
    return {"cluster": {"name": "bais-prod", "context": "bais-prod", "qualifiedNames": True}, **changes}


def values(done: Run, release: str) -> Any:
    return done.one(RELEASE, f"{release}-release").inputs["values"]


def urns(done: Run) -> set[str]:
    return {each.qualified for each in done.resources}


def test_a_created_namespace_is_labelled_with_its_stack(prod: Run) -> None:
    for name, level in (("namespace-namespace", "restricted"), ("node-exporter-namespace", "privileged")):
        labels = prod.one(NAMESPACE, name).inputs["metadata"]["labels"]
        assert ownership_labels("prod").items() <= labels.items()
        assert labels[LEVEL] == level
    assert prod.of_type(PATCH) == []


def test_the_locks_of_an_adopted_namespace_are_a_patch(cluster_answers: None, monkeypatch: pytest.MonkeyPatch) -> None:
    named = {("namespace", name): {"kind": "Namespace", "metadata": {"name": name}} for name in ("monitoring",)}
    state = ClusterState(named=named, contents={"monitoring": []})
    monkeypatch.setattr("preflight.plan.read_state", lambda settings: state)
    done = run_production(volumes={"keepData": False})
    namespace = done.one(NAMESPACE, "namespace-namespace")
    assert "labels" not in namespace.inputs["metadata"]
    assert ADOPTED.items() <= namespace.inputs["metadata"]["annotations"].items()
    (patch,) = done.of_type(PATCH)
    assert not patch.retained
    assert patch.inputs["metadata"]["labels"][LEVEL] == "restricted"
    assert done.outputs["adopted_namespaces"] == ["monitoring"]
    # Policies and pods follow the patch.
    assert patch.name in done.one(POLICY, "network-policies-default-deny").dependencies


def test_a_controller_id_is_an_argument_of_the_operator_and_an_annotation_of_its_resources(
    cluster_answers: None, prod: Run
) -> None:
    annotation = "operator.prometheus.io/controller-id"
    done = run_production(operator={"controllerId": "monitoring"})
    assert values(done, "operator")["prometheusOperator"]["extraArgs"] == ["--controller-id=monitoring"]
    assert "extraArgs" not in values(prod, "operator")["prometheusOperator"]
    for kind in ("prometheus", "alertmanager"):
        instance = f"{CUSTOM}:{kind.capitalize()}", f"{kind}-instance"
        assert done.one(*instance).inputs["metadata"]["annotations"][annotation] == "monitoring"
        assert annotation not in prod.one(*instance).inputs["metadata"]["annotations"]


def test_with_another_operator_only_the_operator_and_its_alert_and_policy_are_missing(
    cluster_answers: None, prod: Run
) -> None:
    done = run_production(operator={"enabled": False})
    assert values(done, "operator")["prometheusOperator"]["enabled"] is False
    rbac = "monitoring:index:Operator$kubernetes:rbac.authorization.k8s.io/v1"
    assert urns(prod) - urns(done) == {
        "monitoring:index:NetworkPolicies$kubernetes:networking.k8s.io/v1:NetworkPolicy::network-policies-operator",
        f"{rbac}:ClusterRole::operator-cluster-role",
        f"{rbac}:ClusterRoleBinding::operator-cluster-role-binding",
        f"{rbac}:Role::operator-role",
        f"{rbac}:RoleBinding::operator-role-binding",
    }
    assert set(prod.outputs["alert_names"]) - set(done.outputs["alert_names"]) == {"PrometheusOperatorAbsent"}
    # The kubelets are found through the Service of the other operator.
    assert values(done, "operator")["kubelet"]["namespace"] == "kube-system"


def test_existing_crds_are_not_installed(prod: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    named = {(CRD_KIND, name): {"kind": CRD_KIND, "metadata": {"name": name}} for name in CRD_NAMES}
    monkeypatch.setattr("preflight.plan.read_state", lambda settings: ClusterState(named=named))
    done = run_production(operator={"crds": "existing"})
    (missing,) = urns(prod) - urns(done)
    assert missing.endswith("::custom-resource-definitions-release")


def test_kubelets_are_scraped_through_the_service_of_the_stacks_own_operator_only(prod: Run) -> None:
    found = values(prod, "operator")
    assert found["kubelet"]["namespace"] == "monitoring"
    assert found["prometheusOperator"]["kubeletService"] == {"enabled": True, "namespace": "monitoring"}


def test_the_port_of_the_node_exporter_is_that_of_its_service_and_of_the_network_policy(cluster_answers: None) -> None:
    done = run_production(nodeExporter={"port": 9200})
    assert values(done, "node-exporter")["service"] == {"port": 9200, "targetPort": 9200}
    egress = done.one(POLICY, "network-policies-prometheus").inputs["spec"]["egress"]
    ports = {port.get("port") for rule in egress for port in rule["ports"]}
    assert 9200 in ports
    assert 9100 not in ports


def test_qualified_names_start_with_the_namespace_and_keep_job_and_urns(cluster_answers: None, prod: Run) -> None:
    done = run_production(**qualified())
    assert values(done, "operator")["fullnameOverride"] == "monitoring"
    assert values(done, "kube-state-metrics")["fullnameOverride"] == "monitoring-kube-state-metrics"
    relabeling = {"targetLabel": "job", "replacement": "prometheus-operator"}
    assert values(done, "operator")["prometheusOperator"]["serviceMonitor"]["relabelings"] == [relabeling]
    assert "relabelings" not in values(prod, "operator")["prometheusOperator"]["serviceMonitor"]
    assert urns(done) == urns(prod)


def test_qualified_names_fit_into_the_limit_of_the_operators_chart_and_stay_unique() -> None:
    names = set()
    for namespace in (LONG, f"{LONG}-b"):
        settings = build_settings(load_sections(production(**qualified(namespace=namespace))))
        names |= {operator_name(settings), kube_state_metrics_name(settings)}
        assert len(operator_name(settings)) <= 35
        assert operator_name(settings).startswith("monitoring-of-the")
    assert len(names) == 4


def test_runbooks_name_the_operator_as_the_stack_calls_it(cluster_answers: None) -> None:
    maps = run_production(**qualified(namespace="second")).of_type("kubernetes:core/v1:ConfigMap")
    texts = "".join(text for each in maps if "runbooks" in each.name for text in each.inputs["data"].values())
    assert "kubectl -n second logs deployment/second-operator" in texts
    assert "serviceaccount:second:second-operator" in texts
    assert "deployment/prometheus-operator" not in texts
    assert 'job="prometheus-operator"' in texts


def test_a_selector_of_its_own_is_on_every_object_that_prometheus_selects(cluster_answers: None) -> None:
    done = run_production(prometheus={"selector": "second"})
    label = {SELECTOR_LABEL: "second"}
    kinds = ("ServiceMonitor", "PodMonitor", "Probe", "PrometheusRule")
    selected = [each for kind in kinds for each in done.of_type(f"{CUSTOM}:{kind}")]
    assert len(selected) > 15
    assert [each.name for each in selected if not label.items() <= each.inputs["metadata"]["labels"].items()] == []
    assert values(done, "operator")["commonLabels"] == label
    assert values(done, "node-exporter")["prometheus"]["monitor"]["additionalLabels"] == label
    spec = done.one(f"{CUSTOM}:Prometheus", "prometheus-instance").inputs["spec"]
    assert {spec[f"{kind}Selector"]["matchLabels"][SELECTOR_LABEL] for kind in ("rule", "probe")} == {"second"}
    spec = done.one(f"{CUSTOM}:Alertmanager", "alertmanager-instance").inputs["spec"]
    assert spec["alertmanagerConfigSelector"] == {"matchLabels": label}
    assert done.outputs["selector_label"] == f"{SELECTOR_LABEL}=second"
    egress = done.one(POLICY, "network-policies-prometheus").inputs["spec"]["egress"]
    peers = [peer for rule in egress for peer in rule.get("to", ())]
    assert {"namespaceSelector": {"matchLabels": label}} in peers


def test_without_preemption_the_node_exporter_has_the_class_of_the_others(cluster_answers: None) -> None:
    done = run_production(scheduling={"preemption": False})
    (found,) = done.of_type(PRIORITY)
    assert (found.inputs["metadata"]["name"], found.inputs["preemptionPolicy"]) == ("bais-monitoring", "Never")
    assert values(done, "node-exporter")["priorityClassName"] == "bais-monitoring"


def test_cluster_wide_objects_of_the_program_are_labelled_with_their_stack(prod: Run) -> None:
    kinds = (PRIORITY, "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole")
    found = [each.inputs["metadata"]["labels"] for kind in kinds for each in prod.of_type(kind)]
    assert found == [ownership_labels("prod")] * 4


def test_unreadable_outputs_of_the_last_deployment_are_unknown_and_not_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(token: str, arguments: object) -> None:
        raise RuntimeError(token)

    monkeypatch.setattr("pulumi.runtime.invoke", fail)
    assert previous_outputs() is None


@pytest.mark.parametrize("operator", [{}, {"crds": "existing"}, {"crds": "existing", "enabled": False}])
def test_nothing_is_created_in_the_namespace_before_the_namespace(
    operator: dict[str, Any], cluster_answers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    definitions = {
        (CRD_KIND, name): {"kind": "CustomResourceDefinition", "metadata": {"name": name}} for name in CRD_NAMES
    }
    if operator:
        monkeypatch.setattr("preflight.plan.read_state", lambda settings: ClusterState(named=definitions))
    done = run_production(operator=operator)
    by_name = {each.name: each for each in done.resources}

    def requires(name: str, seen: frozenset[str] = frozenset()) -> set[str]:
        found = set(by_name[name].dependencies - seen)
        return found.union(*(requires(each, seen | found) for each in found))

    inside = [
        each.name
        for each in done.resources
        if "monitoring" in (each.inputs.get("namespace"), (each.inputs.get("metadata") or {}).get("namespace"))
    ]
    assert len(inside) > 40
    assert [name for name in inside if "namespace-namespace" not in requires(name)] == []
