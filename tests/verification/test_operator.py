"""What the operator has accepted, from objects as the API server returns them."""

from typing import Any

import pytest
import yaml

from common.labels import SPECIFICATION_ANNOTATION
from verification.model import DEADLINE_SECONDS, REJECTED_SECONDS, UNNOTICED_SECONDS, ClusterPlan, Instance
from verification.operator import (
    files_of,
    instance_deviations,
    is_current,
    is_in_effect,
    rejections,
    rule_deviations,
    secret_files,
)

PROMETHEUS = Instance(kind="Prometheus", name="prometheus", pods=2, port=9090)
ALERTMANAGER = Instance(kind="Alertmanager", name="alertmanager", pods=3, port=9093)
UID = "591216be-5bc3-44ff-95bb-7eb179939284"
RULES: dict[str, Any] = {"groups": [{"name": "api", "rules": [{"alert": "A", "expr": "up == 0  # tunable\n"}]}]}
PLAN = ClusterPlan(
    context=None,
    namespace="monitoring",
    prometheus=PROMETHEUS,
    alertmanager=ALERTMANAGER,
    rules={"alerts-api": RULES},
    configuration={},
    templates={},
)


def prometheus(**status: Any) -> dict[str, Any]:
    """A Prometheus in generation 4, with which the operator is done."""
    conditions = [
        {"type": name, "status": "True", "observedGeneration": 4, "reason": "", "message": ""}
        for name in ("Available", "Reconciled")
    ]
    complete = {"conditions": conditions, "updatedReplicas": 2, "availableReplicas": 2}
    metadata = {"generation": 4, "uid": UID, "annotations": {SPECIFICATION_ANNOTATION: "current"}}
    return {"metadata": metadata, "status": complete | status}


def stateful_set(specification: str = "current", owner: str = UID) -> dict[str, Any]:
    annotations = {SPECIFICATION_ANNOTATION: specification}
    return {"metadata": {"annotations": annotations, "ownerReferences": [{"uid": owner}]}}


def condition(kind: str, **changes: Any) -> dict[str, Any]:
    """A Prometheus with one changed condition."""
    found = prometheus()
    for each in found["status"]["conditions"]:
        if each["type"] == kind:
            each.update(changes)
    return found


def texts(found: dict[str, Any] | None, *stateful_sets: dict[str, Any]) -> list[tuple[str, float]]:
    deviations = instance_deviations(PROMETHEUS, "monitoring", found, stateful_sets or [stateful_set()])
    return [(each.text, each.patience) for each in deviations]


def test_an_available_and_reconciled_instance_has_no_deviations() -> None:
    assert texts(prometheus()) == []


@pytest.mark.parametrize("kind", ["Available", "Reconciled"])
def test_a_condition_of_an_earlier_generation_does_not_count(kind: str) -> None:
    ((text, patience),) = texts(condition(kind, observedGeneration=3))
    assert text == f"Prometheus monitoring/prometheus: the operator has not reported {kind} for its current state"
    assert patience == UNNOTICED_SECONDS


def test_an_instance_without_status_or_object_is_a_deviation() -> None:
    assert len(texts({"metadata": {"generation": 1}})) == 1
    assert texts(None) == [("Prometheus monitoring/prometheus does not exist", DEADLINE_SECONDS)]


def test_a_rejected_specification_is_final_within_seconds_and_has_one_line() -> None:
    found = condition(
        "Reconciled", status="False", reason="ReconciliationFailed", message="secret \x1b[31m\n not found"
    )
    assert texts(found) == [
        (
            "Prometheus monitoring/prometheus: Reconciled is False: ReconciliationFailed: secret  [31m not found",
            REJECTED_SECONDS,
        )
    ]


@pytest.mark.parametrize(
    "stateful_sets",
    [
        (stateful_set("previous"),),
        (stateful_set(), stateful_set("previous")),
        (stateful_set(owner="another"),),
    ],
)
def test_the_operator_must_have_applied_the_specification_to_every_shard(stateful_sets: Any) -> None:
    """It may report its conditions for a generation that it has not applied yet."""
    ((text, patience),) = texts(prometheus(), *stateful_sets)
    assert text == "Prometheus monitoring/prometheus: the operator has not applied its current state"
    assert patience == UNNOTICED_SECONDS
    assert texts(prometheus(), stateful_set(), stateful_set(), stateful_set("previous", owner="another")) == []


def test_pods_of_an_earlier_revision_are_waited_for() -> None:
    ((text, patience),) = texts(prometheus(updatedReplicas=1))
    assert text.endswith("not all of its 2 pods are updated and available")
    assert patience == DEADLINE_SECONDS


def test_rendered_rules_are_compared_by_content() -> None:
    file = f"monitoring-alerts-api-{UID}.yaml"
    assert rule_deviations(PLAN, {file: yaml.safe_dump(RULES)}) == []
    (missing,) = rule_deviations(PLAN, {})
    assert missing.text.endswith("the operator has not passed its rules to Prometheus")
    changed = yaml.safe_dump(RULES).replace("up == 0", "up == 1")
    (different,) = rule_deviations(PLAN, {file: changed})
    assert different.text.endswith("the operator has not passed its current rules to Prometheus")


def test_files_of_a_rule_have_its_namespace_name_and_a_uid() -> None:
    ours = f"monitoring-alerts-api-{UID}.yaml"
    others = [f"monitoring-alerts-api-slow-{UID}.yaml", f"other-alerts-api-{UID}.yaml"]
    assert files_of("alerts-api", "monitoring", [ours, *others]) == [ours]


def event(time: str, message: str = "invalid rule", **changes: Any) -> dict[str, Any]:
    regarding = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "namespace": "monitoring",
        "name": "alerts-api",
        "uid": UID,
    }
    return {
        "metadata": {"creationTimestamp": time},
        "eventTime": time.replace("Z", ".000000Z"),
        "involvedObject": regarding | changes,
        "message": message,
    }


def rule(changed: str) -> dict[str, Any]:
    fields = [
        {"manager": "pulumi", "time": changed},
        {"manager": "operator", "time": "2026-11-28T23:00:00Z", "subresource": "status"},
    ]
    return {"metadata": {"uid": UID, "creationTimestamp": "2026-11-28T10:00:00Z", "managedFields": fields}}


def test_the_newest_rejection_of_an_object_counts() -> None:
    (found,) = rejections([event("2026-11-28T12:00:00Z", "new"), event("2026-11-28T11:00:00Z", "old")])
    assert (found.title, found.message) == ("PrometheusRule monitoring/alerts-api", "new")
    assert found.path == "/apis/monitoring.coreos.com/v1/namespaces/monitoring/prometheusrules/alerts-api"
    assert found.log is not None


def test_events_about_other_objects_are_ignored() -> None:
    assert list(rejections([event("2026-11-28T12:00:00Z", apiVersion="v1", kind="Pod")])) == []


def test_a_rejection_is_current_until_the_object_changes_or_is_deleted() -> None:
    (found,) = rejections([event("2026-11-28T12:00:00Z")])
    assert is_current(found, rule("2026-11-28T12:00:00Z"))
    assert not is_current(found, rule("2026-11-28T12:00:01Z"))
    assert not is_current(found, None)
    another = rule("2026-11-28T11:00:00Z")
    another["metadata"]["uid"] = "another"
    assert not is_current(found, another)


@pytest.mark.parametrize(
    ("kind", "files", "alertmanager", "prometheus"),
    [
        ("PrometheusRule", [f"search-x-{UID}.yaml"], "", ""),
        ("AlertmanagerConfig", [], "- name: search/x/slack", ""),
        ("ServiceMonitor", [], "", "- job_name: serviceMonitor/search/x/0\n"),
        ("Probe", [], "", "- job_name: probe/search/x\n"),
    ],
)
def test_an_object_that_was_rejected_once_may_be_in_effect(
    kind: str, files: list[str], alertmanager: str, prometheus: str
) -> None:
    (found,) = rejections([event("2026-11-28T12:00:00Z", kind=kind, namespace="search", name="x")])
    assert is_in_effect(found, files, alertmanager, prometheus)
    assert not is_in_effect(found, [], "- name: search/xy/slack", "- job_name: serviceMonitor/search/xy/0\n")


def test_the_files_of_a_missing_secret_are_empty() -> None:
    assert secret_files(None) == {}
    assert secret_files({"data": {"a.yaml": "YQ=="}}) == {"a.yaml": "a"}
