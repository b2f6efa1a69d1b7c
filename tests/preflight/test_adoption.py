"""What a stack may take over in a cluster that others use too, from objects as kubectl prints them."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from common.labels import ADOPTED, OPERATED, ownership_labels
from manifests.cluster_objects import CRD_NAMES
from preflight.adoption import Adoption, decide_adoption, read_state
from preflight.cluster_state import ClusterState, assemble, read_cluster
from preflight.conflicts import parse_flags
from preflight.kubectl import UnreadableError
from settings.loader import RawConfig, build_settings, load_sections
from settings.stack import StackSettings
from tools.mocked_program import configuration

UID: Final = "11111111-2222-4333-8444-555555555555"
OTHER_UID: Final = "99999999-2222-4333-8444-555555555555"
PROVIDER: Final[dict[str, Any]] = {"managedFields": [{"manager": "pulumi-kubernetes-1a2b3c4d"}]}
POLICIES: Final = "network policies that deny all other traffic"


def settings(**changes: Any) -> StackSettings:
    raw = configuration("prod", "upstream")
    loaded = load_sections(RawConfig(stack="prod", values={**raw.values, **changes}, secrets=raw.secrets))
    assert loaded.problems == ()
    return build_settings(loaded)


def item(kind: str, name: str, namespace: str = "", *, spec: Any = None, **metadata: Any) -> dict[str, Any]:
    place = {"namespace": namespace} if namespace else {}
    return {"kind": kind, "metadata": {"name": name, **place, **metadata}, "spec": spec or {}}


def released(release: str, namespace: str) -> dict[str, Any]:
    annotations = {"meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": namespace}
    return {"annotations": annotations}


KUBE_SYSTEM: Final = item("Namespace", "kube-system", uid=UID)


def cluster(*named: dict[str, Any], **others: Any) -> ClusterState:
    """Return a cluster with these namespaces and cluster-wide objects."""
    objects = {(each["kind"].lower(), each["metadata"]["name"]): each for each in (KUBE_SYSTEM, *named)}
    return ClusterState(named=objects, **others)


def decided(state: ClusterState, previous: dict[str, Any] | None = None, **changes: Any) -> Adoption:
    return decide_adoption(settings(**changes), state, {} if previous is None else previous, stack="prod")


def lines(adoption: Adoption) -> list[str]:
    return [str(problem) for problem in adoption.problems]


# --- namespaces -----------------------------------------------------------------------------------------------------


def billing(namespace: str = "monitoring") -> list[dict[str, Any]]:
    return [
        item("Pod", "billing", namespace),
        item("PersistentVolumeClaim", "ledger", namespace),
        item("NetworkPolicy", "billing", namespace),
    ]


def namespace(name: str = "monitoring", stack: str | None = None, **metadata: Any) -> dict[str, Any]:
    labels = {**(ownership_labels(stack) if stack else {}), **metadata.pop("labels", {})}
    return item("Namespace", name, labels=labels, **metadata)


def test_a_namespace_that_does_not_exist_is_created_and_owned() -> None:
    found = decided(cluster())
    assert (found.problems, found.notes, found.adopted_namespaces) == ((), (), [])


def test_an_empty_namespace_is_used_but_never_deleted() -> None:
    found = decided(cluster(namespace(), contents={"monitoring": []}))
    assert found.problems == ()
    assert found.adopted_namespaces == ["monitoring"]
    assert POLICIES in found.notes[0]


@pytest.mark.parametrize("name", ["monitoring", "monitoring-node-exporter"])
def test_a_namespace_with_objects_of_others_is_refused_by_name(name: str) -> None:
    (line,) = lines(decided(cluster(namespace(name), contents={name: billing(name)})))
    assert line.startswith("monitoring:namespace: found ")
    assert "pods billing; claims ledger; network policies billing" in line
    assert f"namespaces.adopt: [{name}]" in line


def test_an_allowed_adoption_lists_what_it_affects() -> None:
    state = cluster(namespace(), contents={"monitoring": billing()})
    found = decided(state, namespaces={"adopt": ["monitoring"]})
    assert found.problems == ()
    assert found.adopted_namespaces == ["monitoring"]
    assert "affected: pods billing; claims ledger; network policies billing" in found.notes[0]


def test_the_allowed_adoption_of_one_namespace_does_not_extend_to_the_other() -> None:
    contents = {name: billing(name) for name in ("monitoring", "monitoring-node-exporter")}
    state = cluster(*map(namespace, contents), contents=contents)
    (line,) = lines(decided(state, namespaces={"adopt": ["monitoring"]}))
    assert "found monitoring-node-exporter" in line


@pytest.mark.parametrize(
    "taken", [("PersistentVolumeClaim", "grafana"), ("NetworkPolicy", "default-deny"), ("Service", "prometheus")]
)
def test_an_object_of_others_with_a_name_of_the_stack_is_never_taken_over(taken: tuple[str, str]) -> None:
    contents = {"monitoring": [item(*taken, "monitoring")]}
    (line,) = lines(decided(cluster(namespace(), contents=contents), namespaces={"adopt": ["monitoring"]}))
    assert f"monitoring, where another owner has {' '.join(taken)}; allowed:" in line


MONITOR: Final = item("ServiceMonitor", "grafana", "monitoring")


@pytest.mark.parametrize("annotations", [{}, ADOPTED])
@pytest.mark.parametrize(
    "taken",
    [
        MONITOR,
        item("PrometheusRule", "alerts-api", "monitoring"),
        item("Prometheus", "prometheus", "monitoring"),
        item("ServiceAccount", "prometheus", "monitoring"),
        item("ConfigMap", "runbooks-api", "monitoring"),
        item("RoleBinding", "monitoring-prometheus-operator", "monitoring"),
    ],
)
def test_an_object_of_others_is_never_taken_over_in_an_adopted_namespace(
    taken: dict[str, Any], annotations: dict[str, str]
) -> None:
    """Neither in the first deployment, nor in a later one."""
    found = namespace(labels=ownership_labels("prod") if annotations else {}, annotations=annotations)
    state = cluster(found, contents={"monitoring": []}, same_names=[taken])
    (line,) = lines(decided(state))
    assert f"where another owner has {taken['kind']} {taken['metadata']['name']}; allowed:" in line


@pytest.mark.parametrize(
    "other",
    [
        item("ServiceMonitor", "wiki", "monitoring"),
        item("ServiceAccount", "default", "monitoring"),
        {**MONITOR, "kind": "PodMonitor"},
    ],
)
def test_other_objects_in_an_adopted_namespace_are_no_conflict(other: dict[str, Any]) -> None:
    state = cluster(namespace(), contents={"monitoring": []}, same_names=[other])
    assert lines(decided(state)) == []


def test_a_claim_that_its_statefulset_recreated_is_the_stacks_own_in_a_later_deployment() -> None:
    claim = item("PersistentVolumeClaim", "prometheus-prometheus-db-prometheus-prometheus-0", "monitoring")
    found = namespace(labels=ownership_labels("prod"), annotations=ADOPTED)
    assert lines(decided(cluster(found, contents={"monitoring": [claim]}))) == []


def test_custom_resources_of_a_stack_whose_state_was_lost_are_its_own() -> None:
    own = item("ServiceMonitor", "grafana", "monitoring", **PROVIDER)
    state = cluster(namespace(), contents={"monitoring": []}, same_names=[own])
    assert lines(decided(state)) == []


def test_an_object_with_nothing_but_a_name_is_the_stacks_own_only_after_a_deployment_into_its_namespace() -> None:
    """Earlier versions created such a service account."""
    found = namespace(labels=ownership_labels("prod"), annotations=ADOPTED)
    state = cluster(found, contents={"monitoring": []}, same_names=[item("ServiceAccount", "prometheus", "monitoring")])
    assert lines(decided(state, {"namespace": "monitoring"})) == []
    assert len(lines(decided(state))) == 1


def test_another_pod_security_level_of_a_foreign_namespace_is_not_overwritten() -> None:
    labels = {"pod-security.kubernetes.io/enforce": "baseline"}
    state = cluster(namespace(labels=labels), contents={"monitoring": []})
    assert "pod-security.kubernetes.io/enforce: baseline; allowed:" in lines(decided(state))[0]


def test_a_namespace_with_the_label_of_the_stack_is_its_own() -> None:
    found = decided(cluster(namespace(stack="prod"), contents={"monitoring": billing()}))
    assert (found.problems, found.adopted_namespaces) == ((), [])


def test_an_adopted_namespace_stays_adopted() -> None:
    state = cluster(namespace(stack="prod", annotations=dict(ADOPTED)), contents={"monitoring": billing()})
    assert decided(state).adopted_namespaces == ["monitoring"]


def test_the_namespace_of_another_stack_is_refused_even_if_it_is_empty_and_listed() -> None:
    state = cluster(namespace(stack="staging"), contents={"monitoring": []})
    (line,) = lines(decided(state, namespaces={"adopt": ["monitoring"]}))
    assert "found monitoring, which belongs to stack staging; allowed:" in line


def test_a_namespace_of_the_last_deployment_is_own_without_a_label() -> None:
    state = cluster(namespace(), contents={"monitoring": billing()})
    found = decided(state, {"namespace": "monitoring"})
    assert (found.problems, found.adopted_namespaces) == ((), [])


def test_a_namespace_that_is_being_deleted_is_refused() -> None:
    state = cluster(namespace(stack="prod", deletionTimestamp="2026-01-01T00:00:00Z"))
    assert "monitoring, which is being deleted" in lines(decided(state))[0]


@pytest.mark.parametrize(("labels", "blocks"), [({}, True), (dict(OPERATED), False)])
def test_the_kubelets_service_that_the_operator_has_left_in_an_adopted_namespace_does_not_block_it(
    labels: dict[str, str], blocks: bool
) -> None:
    left = item("Service", "prometheus-kubelet", "monitoring", labels=labels)
    found = decided(cluster(namespace(), contents={"monitoring": [left]}))
    assert bool(found.problems) is blocks


def test_a_namespace_whose_secrets_the_operator_may_read_must_exist() -> None:
    gone = namespace("orders", deletionTimestamp="2026-01-01T00:00:00Z")
    state = cluster(namespace("search"), gone)
    found = decided(state, operator={"secretNamespaces": ["search", "orders", "shop"]})
    assert lines(found) == [
        f"monitoring:operator.secretNamespaces[{index}]: found {name}, which {reason}; allowed: an existing namespace"
        for index, name, reason in ((1, "orders", "is being deleted"), (2, "shop", "the cluster does not have"))
    ]
    unread = cluster(unchecked={"namespaces": "forbidden"})
    assert lines(decided(unread, operator={"secretNamespaces": ["shop"]})) == []


def test_claims_that_the_stack_has_left_in_an_adopted_namespace_do_not_block_it() -> None:
    claims = [item("PersistentVolumeClaim", "grafana", "monitoring", **PROVIDER)]
    found = decided(cluster(namespace(annotations=dict(ADOPTED)), contents={"monitoring": claims}))
    assert (found.problems, found.adopted_namespaces) == ((), ["monitoring"])


def test_a_claim_of_a_replica_that_the_stack_no_longer_has_does_not_block_it() -> None:
    name = "prometheus-prometheus-db-prometheus-prometheus-7"
    claims = [item("PersistentVolumeClaim", name, "monitoring", **PROVIDER)]
    assert decided(cluster(namespace(), contents={"monitoring": claims})).problems == ()


def test_an_adopted_namespace_remains_adopted_while_namespaces_cannot_be_listed() -> None:
    found = decided(ClusterState(unchecked={"namespaces": "forbidden"}), {"adopted_namespaces": ["monitoring"]})
    assert found.adopted_namespaces == ["monitoring"]
    assert "not checked: namespaces (forbidden)" in found.notes


# --- the cluster itself ---------------------------------------------------------------------------------------------


def test_the_cluster_of_the_last_deployment_is_accepted() -> None:
    found = decided(cluster(), {"cluster_uid": UID})
    assert (found.problems, found.cluster_uid) == ((), UID)


def test_another_cluster_is_refused_in_one_line_with_both_identities() -> None:
    (line,) = lines(decided(cluster(), {"cluster_uid": OTHER_UID}))
    assert f"bais-prod, which is cluster {UID}" in line
    assert f"the cluster of the last deployment, {OTHER_UID}" in line


def test_the_uid_in_the_settings_allows_a_new_cluster_and_no_other() -> None:
    accepted = {"name": "bais-prod", "context": "bais-prod", "uid": UID}
    assert decided(cluster(), {"cluster_uid": OTHER_UID}, cluster=accepted).problems == ()
    (line,) = lines(decided(cluster(), {"cluster_uid": UID}, cluster={**accepted, "uid": OTHER_UID}))
    assert line.startswith("monitoring:cluster.uid: found ")


def test_an_unknown_cluster_keeps_the_remembered_identity() -> None:
    found = decided(ClusterState(unchecked={"namespaces": "forbidden"}), {"cluster_uid": UID})
    assert (found.problems, found.cluster_uid) == ((), UID)


# --- names ----------------------------------------------------------------------------------------------------------


def crds(**metadata: Any) -> list[dict[str, Any]]:
    return [item("CustomResourceDefinition", name, **metadata) for name in CRD_NAMES]


@pytest.mark.parametrize(
    ("metadata", "owner"),
    [
        (released("kps", "team"), "Helm release team/kps"),
        ({"labels": {"app.kubernetes.io/managed-by": "argocd"}}, "argocd"),
        ({"managedFields": [{"manager": "kubectl-client-side-apply"}]}, "kubectl-client-side-apply"),
        ({}, "an unknown owner"),
    ],
)
def test_crds_of_others_are_one_line_with_their_owner(metadata: dict[str, Any], owner: str) -> None:
    (line,) = lines(decided(cluster(*crds(**metadata))))
    assert line.startswith("monitoring:operator.crds: found managed, but ")
    assert f"but {owner} has customresourcedefinition" in line
    assert line.endswith("(and 9 more); allowed: existing, to use those CRDs")


def test_own_crds_are_no_conflict() -> None:
    assert decided(cluster(*crds(**released("prometheus-operator-crds", "monitoring")))).problems == ()


def test_existing_crds_must_be_complete_and_their_version_is_shown() -> None:
    old = {"annotations": {"operator.prometheus.io/version": "0.70.0"}}
    found = decided(cluster(*crds(**old)), operator={"crds": "existing"})
    assert found.problems == ()
    assert "operator 0.70.0" in found.notes[0]
    (line,) = lines(decided(cluster(*crds()[1:]), operator={"crds": "existing"}))
    assert "existing, but the cluster lacks alertmanagerconfigs of monitoring.coreos.com" in line


def test_names_of_another_stack_are_one_line_and_avoided_by_qualified_names() -> None:
    taken = [
        item("ClusterRole", "prometheus-operator", **released("kube-prometheus-stack", "first")),
        item("ClusterRoleBinding", "prometheus-operator", **released("kube-prometheus-stack", "first")),
        item("ClusterRole", "kube-state-metrics", **released("kube-state-metrics", "kube-system")),
        item("Service", "prometheus-coredns", **released("kube-prometheus-stack", "first")),
    ]
    (line,) = lines(decided(cluster(*taken)))
    assert line.startswith(
        "monitoring:cluster.qualifiedNames: found false, but Helm release first/kube-prometheus-stack"
    )
    assert "Helm release kube-system/kube-state-metrics has clusterrole kube-state-metrics" in line
    qualified = {"name": "bais-prod", "qualifiedNames": True}
    assert decided(cluster(*taken), cluster=qualified).problems == ()


def test_objects_of_the_program_are_recognised_by_label_or_by_the_last_deployment() -> None:
    def role(labels: dict[str, str]) -> dict[str, Any]:
        return item("ClusterRole", "monitoring-prometheus", labels=labels, **PROVIDER)

    assert decided(cluster(role(ownership_labels("prod")))).problems == ()
    assert decided(cluster(role({})), {"namespace": "monitoring"}).problems == ()
    for foreign in (role({}), role(ownership_labels("staging"))):
        assert lines(decided(cluster(foreign)))[0].startswith("monitoring:namespace: found monitoring, but ")


def test_priority_classes_of_others_and_missing_ones_are_refused() -> None:
    others = [item("PriorityClass", "bais-monitoring"), item("PriorityClass", "system-node-critical")]
    state = cluster(priority_classes=others)
    assert lines(decided(state))[0].startswith("monitoring:scheduling.priorityClass: found nothing, but ")
    (line,) = lines(decided(state, scheduling={"priorityClass": "bais-monitorin"}))
    assert (
        "found bais-monitorin, which the cluster does not have; allowed: bais-monitoring (did you mean that?)" in line
    )
    assert decided(state, scheduling={"priorityClass": "bais-monitoring"}).problems == ()


# --- operators, ports, selectors, webhooks --------------------------------------------------------------------------


def operator(*arguments: str, namespace: str = "team", **metadata: Any) -> dict[str, Any]:
    container = {"image": "registry.example/mirror/prometheus-operator:v0.93.1", "args": list(arguments)}
    return item(
        "Deployment", "operator", namespace, spec={"template": {"spec": {"containers": [container]}}}, **metadata
    )


@pytest.mark.parametrize(
    ("arguments", "serves"),
    [
        ((), True),
        (("--kubelet-service=kube-system/kubelet",), True),
        (("--namespaces=team,monitoring",), True),
        (("-namespaces", "team"), False),
        (("--prometheus-instance-namespaces=team",), True),  # It still serves every Alertmanager.
        (("--prometheus-instance-namespaces=team", "--alertmanager-instance-namespaces=team"), False),
        (("--deny-namespaces=monitoring",), False),
        (("--controller-id=team",), False),
    ],
)
def test_an_operator_that_serves_the_namespace_is_a_conflict(arguments: Sequence[str], serves: bool) -> None:
    found = lines(decided(cluster(workloads=[operator(*arguments)])))
    assert [line.partition(":")[2].partition(": ")[0] for line in found] == ["operator.controllerId"] * serves


def test_an_id_of_its_own_or_the_use_of_the_other_operator_avoids_the_conflict() -> None:
    state = cluster(workloads=[operator()])
    assert decided(state, operator={"controllerId": "monitoring"}).problems == ()
    assert decided(state, operator={"enabled": False}).problems == ()
    same = cluster(workloads=[operator("--controller-id=monitoring")])
    (line,) = lines(decided(same, operator={"controllerId": "monitoring"}))
    assert "found monitoring, but operator team/operator" in line


def test_the_stacks_own_operator_is_no_conflict() -> None:
    own = operator(namespace="monitoring", **released("kube-prometheus-stack", "monitoring"))
    assert decided(cluster(workloads=[own])).problems == ()


def test_a_disabled_operator_without_another_one_is_noted() -> None:
    (note,) = decided(cluster(workloads=[operator("--namespaces=team")]), operator={"enabled": False}).notes
    assert "no other operator was found that serves namespace monitoring" in note


def exporter(kind: str, port: dict[str, int], *, host: bool, **metadata: Any) -> dict[str, Any]:
    pod = {"hostNetwork": host, "containers": [{"name": "exporter", "ports": [port]}]}
    return item(kind, "exporter", "team", spec=pod if kind == "Pod" else {"template": {"spec": pod}}, **metadata)


@pytest.mark.parametrize(
    ("found", "user"),
    [
        ([exporter("DaemonSet", {"containerPort": 9100}, host=True)], "DaemonSet team/exporter"),
        ([exporter("DaemonSet", {"containerPort": 80, "hostPort": 9100}, host=False)], "DaemonSet team/exporter"),
        ([exporter("Pod", {"containerPort": 9100}, host=True)], "Pod team/exporter"),
        ([exporter("DaemonSet", {"containerPort": 9100}, host=False)], None),
        ([exporter("DaemonSet", {"containerPort": 9101}, host=True)], None),
    ],
)
def test_a_taken_port_of_the_nodes_is_one_line_with_its_user(found: list[dict[str, Any]], user: str | None) -> None:
    state = cluster(
        workloads=[each for each in found if each["kind"] != "Pod"],
        host_pods=[each for each in found if each["kind"] == "Pod"],
    )
    assert [f"which {user} uses on the nodes" in line for line in lines(decided(state))] == [True] * (user is not None)
    for avoided in ({"port": 9200}, {"enabled": False}):
        assert decided(state, nodeExporter=avoided).problems == ()


def test_pods_of_one_controller_are_one_conflict() -> None:
    pods = [
        exporter("Pod", {"containerPort": 9100}, host=True, ownerReferences=[{"kind": "DaemonSet", "name": "exporter"}])
    ]
    state = cluster(workloads=[exporter("DaemonSet", {"containerPort": 9100}, host=True)], host_pods=pods * 3)
    assert len(decided(state).problems) == 1


def test_a_prometheus_with_the_same_selector_is_a_conflict() -> None:
    selector = {"serviceMonitorSelector": {"matchLabels": {"monitoring/stack": "bais"}}}
    state = cluster(prometheuses=[item("Prometheus", "prometheus", "first", spec=selector)])
    (line,) = lines(decided(state))
    assert line.startswith("monitoring:prometheus.selector: found bais, which Prometheus first/prometheus selects too")
    assert decided(state, prometheus={"selector": "second"}).problems == ()


def test_a_webhook_that_fails_closed_on_our_objects_is_noted() -> None:
    def webhook(group: str, policy: str) -> dict[str, Any]:
        hook = {"failurePolicy": policy, "rules": [{"apiGroups": [group]}]}
        return {**item("ValidatingWebhookConfiguration", "admission", **released("kps", "team")), "webhooks": [hook]}

    (note,) = decided(cluster(webhooks=[webhook("monitoring.coreos.com", "Fail")])).notes
    assert "admission (Helm release team/kps)" in note
    for harmless in (webhook("monitoring.coreos.com", "Ignore"), webhook("apps", "Fail")):
        assert decided(cluster(webhooks=[harmless])).notes == ()


def test_flags_are_read_in_both_forms() -> None:
    assert parse_flags(["--a=1", "-b", "2", "--c", "--d="]) == {"a": "1", "b": "2", "c": "", "d": ""}


# --- reading --------------------------------------------------------------------------------------------------------


def test_all_problems_are_reported_at_once() -> None:
    state = cluster(namespace(), *crds(), contents={"monitoring": billing()}, workloads=[operator()])
    keys = [problem.key.removeprefix("monitoring:") for problem in decided(state, {"cluster_uid": OTHER_UID}).problems]
    assert keys == ["cluster.context", "namespace", "operator.crds", "operator.controllerId"]


def test_without_kubectl_one_note_names_everything_that_is_not_checked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = decided(read_state(settings()))
    (note,) = found.notes
    assert note.endswith("(kubectl is not on PATH)")
    for description in (
        "namespaces",
        "clusterroles",
        "customresourcedefinitions",
        "other operators",
        "priority classes",
    ):
        assert description in note
    assert found.problems == ()


def test_a_kind_that_may_not_be_read_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        if any("clusterrole" in word for word in command):
            error = 'Error from server (Forbidden): clusterroles.rbac.authorization.k8s.io "a" is forbidden'
            return subprocess.CompletedProcess(command, 1, "", error)
        namespaces = '{"items": [{"kind": "Namespace", "metadata": {"name": "kube-system", "uid": "u"}}]}'
        return subprocess.CompletedProcess(command, 0, namespaces if "namespace" in command else "", "")

    monkeypatch.setattr("preflight.kubectl.subprocess.run", run)
    state = read_cluster(None, [("clusterrole", "a"), ("service", "b")], ["monitoring"])
    assert list(state.unchecked) == ["clusterroles"]
    assert state.namespace("kube-system") is not None


@pytest.mark.parametrize(
    ("found", "read"), [(namespace(), True), (namespace(stack="prod", annotations=ADOPTED), True),
                        (namespace(stack="prod"), False), (None, False)],
)  # fmt: skip
def test_names_are_looked_up_in_a_namespace_that_the_stack_did_not_create(
    found: dict[str, Any] | None, read: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = item("ServiceAccount", "prometheus", "monitoring")
    asked: list[str] = []

    def list_objects(context: str | None, *arguments: str) -> list[dict[str, Any]]:
        if "serviceaccounts/prometheus" in arguments:
            asked.extend(arguments)
            return [account]
        return [KUBE_SYSTEM, *([found] if found else [])] if "namespace/kube-system" in arguments else []

    monkeypatch.setattr("preflight.cluster_state.list_objects", list_objects)
    state = read_state(settings())
    assert (account in state.same_names, "--namespace=monitoring" in asked) == (read, read)
    assert any("where another owner has ServiceAccount prometheus" in line for line in lines(decided(state))) == read


def test_names_that_may_not_be_read_are_in_the_note(monkeypatch: pytest.MonkeyPatch) -> None:
    def list_objects(context: str | None, *arguments: str) -> list[dict[str, Any]]:
        if "serviceaccounts/prometheus" in arguments:
            raise UnreadableError("no permission", is_refusal=True)
        return [KUBE_SYSTEM, namespace()] if "namespace/kube-system" in arguments else []

    monkeypatch.setattr("preflight.cluster_state.list_objects", list_objects)
    unread = "not checked: objects with the stack's names in namespace monitoring (no permission)"
    assert unread in decided(read_state(settings())).notes


def test_an_unreadable_result_is_kept_with_its_reason() -> None:
    state = assemble([])
    assert (state.named, state.unchecked) == ({}, {})
    assert str(UnreadableError("no answer")) == "no answer"
