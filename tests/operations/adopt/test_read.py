"""The stack to replace is found by its resources; the API server is a stand-in with the objects of the real one."""

from __future__ import annotations

from typing import Any

import pytest

from common.labels import SPECIFICATION_ANNOTATION
from operations.adopt.model import AdoptError, PreviousStack
from operations.adopt.read import read_previous
from tests.operations.adopt.previous_stack import NAME, NAMESPACE, RELEASE, PreviousCluster, item

PROMETHEUSES = "v1/prometheuses"


@pytest.fixture
def cluster() -> PreviousCluster:
    return PreviousCluster()


def read(cluster: PreviousCluster, release: str = "", namespace: str = "") -> PreviousStack:
    return read_previous(cluster, release=release, namespace=namespace)


def another(namespace: str, **metadata: Any) -> dict[str, Any]:
    return item("Prometheus", "prometheus", {}, namespace, **metadata)


def test_a_release_is_found_with_its_chart_and_resources(cluster: PreviousCluster) -> None:
    previous = read(cluster)
    assert (previous.namespace, previous.release, previous.chart) == (
        NAMESPACE,
        RELEASE,
        "kube-prometheus-stack-88.5.3",
    )
    assert [each["metadata"]["name"] for each in previous.alertmanagers] == [f"{NAME}-alertmanager"]
    assert [each["name"] for each in previous.configurations[f"{NAME}-alertmanager"]["receivers"]] == ["null", "pager"]
    assert previous.unread == {}


def test_stacks_of_this_program_are_never_replaced(cluster: PreviousCluster) -> None:
    cluster.add(PROMETHEUSES, another("monitoring", annotations={SPECIFICATION_ANNOTATION: "x"}))
    assert read(cluster).namespace == NAMESPACE


def test_objects_of_this_program_are_left_out_although_the_previous_stack_selects_them(
    cluster: PreviousCluster,
) -> None:
    by_pulumi = [{"manager": "pulumi-kubernetes"}]
    cluster.add("v1/probes", item("Probe", "own", {}, "monitoring", managedFields=by_pulumi))
    cluster.add("v1/probes", item("Probe", "theirs", {}, "monitoring"), item("Probe", "b", {}, managedFields=by_pulumi))
    previous = read_previous(cluster, release="", namespace="", own_namespaces=["monitoring"])
    assert [each["metadata"]["name"] for each in previous.objects["probes"]] == ["theirs", "b"]


def test_of_several_stacks_one_is_chosen_by_release_or_namespace(cluster: PreviousCluster) -> None:
    cluster.add(PROMETHEUSES, another("team", labels={"release": "theirs"}), another("hand"))
    with pytest.raises(AdoptError) as error:
        read(cluster)
    assert error.value.message == (
        "the cluster has 3 stacks that could be adopted; choose one: RELEASE= FROM_NAMESPACE=hand; "
        "RELEASE=kps FROM_NAMESPACE=old; RELEASE=theirs FROM_NAMESPACE=team"
    )
    assert read(cluster, release="theirs").namespace == "team"
    assert read(cluster, namespace="hand").release == ""


def test_an_unknown_release_is_an_error_with_those_that_exist(cluster: PreviousCluster) -> None:
    with pytest.raises(AdoptError, match="found other, any; allowed: RELEASE=kps FROM_NAMESPACE=old"):
        read(cluster, release="other")


def test_a_cluster_without_another_stack_has_nothing_to_adopt(cluster: PreviousCluster) -> None:
    for path in list(cluster.objects):
        if path.endswith(("prometheuses", "alertmanagers")):
            cluster.objects[path] = []
    with pytest.raises(AdoptError, match="nothing to adopt"):
        read(cluster)


def test_what_must_not_be_read_is_listed_with_the_reason(cluster: PreviousCluster) -> None:
    path = "/apis/monitoring.coreos.com/v1alpha1/alertmanagerconfigs"
    cluster.refused = {path}
    assert read(cluster).unread == {"alertmanagerconfigs": f"GET {path}: forbidden"}
