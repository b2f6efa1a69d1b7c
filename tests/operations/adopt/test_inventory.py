"""What is kept of a previous stack and what changes; its objects are those of `previous_stack.py`."""

from __future__ import annotations

from typing import Any

import pytest

from common.problems import Problem
from operations.adopt.inventory import findings
from operations.adopt.model import Finding, Outcome
from operations.adopt.read import read_previous
from operations.adopt.settings import missing_settings
from tests.operations.adopt.previous_stack import (
    CREDENTIAL,
    NAME,
    NAMESPACE,
    OF_RELEASE,
    RELEASE,
    SOURCE,
    PreviousCluster,
    alert,
    item,
    plan,
    rule,
    settings,
)

BAIS = {"monitoring/stack": "bais"}
BOTH = {"labels": {"release": RELEASE, **BAIS}}


@pytest.fixture
def cluster() -> PreviousCluster:
    return PreviousCluster()


def found(cluster: PreviousCluster, section: str) -> list[Finding]:
    previous = read_previous(cluster, release="", namespace="")
    return [each for each in findings(previous, plan(), settings()) if each.section == section]


def one(cluster: PreviousCluster, section: str, start: str) -> Finding:
    (finding,) = (each for each in found(cluster, section) if each.text.startswith(start))
    return finding


def test_a_prometheus_is_kept_with_its_retention_and_storage(cluster: PreviousCluster) -> None:
    (finding,) = found(cluster, "prometheus")
    assert finding.outcome is Outcome.KEPT
    assert finding.text == (
        f"{NAMESPACE}/{NAME}-prometheus: 1 replica, retention 10d, "
        "no volume (its data is lost with its pod: do not restart it); stays until you remove it"
    )
    spec = {"resources": {"requests": {"storage": "50Gi"}}, "storageClassName": "fast"}
    name = f"prometheus-{NAME}-prometheus-db-prometheus-{NAME}-prometheus-0"
    claim = {**item("PersistentVolumeClaim", name, spec), "status": {"capacity": {"storage": "60Gi"}}}
    cluster.objects[f"/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims"] = [claim]
    assert "1 claim, 60Gi of class fast" in found(cluster, "prometheus")[0].text


def test_a_prometheus_without_an_external_label_cannot_be_read_from(cluster: PreviousCluster) -> None:
    (prometheus,) = cluster.objects["/apis/monitoring.coreos.com/v1/prometheuses"]
    prometheus["spec"]["prometheusExternalLabelName"] = ""
    assert found(cluster, "prometheus")[0].outcome is Outcome.BLOCKS
    prometheus["spec"]["externalLabels"] = {"site": "a"}
    (finding,) = found(cluster, "prometheus")
    assert (finding.outcome, finding.action) == (Outcome.KEPT, "set prometheus.remoteRead as below")


def test_receivers_are_named_without_their_addresses(cluster: PreviousCluster) -> None:
    (finding,) = found(cluster, "receivers")
    assert finding.text == f"{NAME}-alertmanager: pager (pagerduty)"
    assert "critical (pagerduty" in finding.action
    assert CREDENTIAL not in repr(finding)


def test_alerts_of_the_chart_are_replaced_and_listed(cluster: PreviousCluster) -> None:
    finding = one(cluster, "rules", "2 alerts of the chart")
    assert (finding.outcome, finding.names) == (Outcome.CHANGES, ["TargetDown", "Watchdog"])
    assert "(2 of the same name" in finding.text


@pytest.mark.parametrize(
    ("metadata", "severity", "outcome", "text", "action"),
    [
        (
            {"labels": {"release": RELEASE}}, "warning", Outcome.CHANGES, "not selected by this stack",
            "kubectl -n shop label prometheusrule orders monitoring/stack=bais",
        ),
        (BOTH, "warning", Outcome.KEPT, "sent to slack #bais-alerts", ""),
        (BOTH, "critical", Outcome.CHANGES, "a warning to slack #bais-alerts here", "add an AlertmanagerConfig"),
        (OF_RELEASE, "warning", Outcome.CHANGES, "in the values of the release", "move it into a PrometheusRule"),
    ],
)  # fmt: skip
def test_a_rule_of_users_is_kept_only_if_this_stack_notifies_as_urgently(
    cluster: PreviousCluster, metadata: dict[str, Any], severity: str, outcome: Outcome, text: str, action: str
) -> None:
    namespace = NAMESPACE if metadata is OF_RELEASE else "shop"
    cluster.rules(rule("orders", namespace, alert("OrdersStuck", severity), **metadata))
    finding = one(cluster, "rules", f"PrometheusRule {namespace}/orders")
    assert (finding.outcome, finding.names) == (outcome, ["OrdersStuck"])
    assert text in finding.text
    assert finding.action.startswith(action)


def test_a_rule_that_the_previous_stack_does_not_select_is_not_mentioned(cluster: PreviousCluster) -> None:
    cluster.rules(rule("orders", "shop", alert("OrdersStuck", "warning")))
    assert len(found(cluster, "rules")) == 1


def test_a_monitor_needs_the_label_on_itself_and_on_the_namespace_of_its_pods(cluster: PreviousCluster) -> None:
    assert one(cluster, "monitors", "ServiceMonitor shop/orders").action == (
        "kubectl -n shop label servicemonitor orders monitoring/stack=bais; "
        "kubectl label namespace shop monitoring/stack=bais"
    )
    cluster.objects["/apis/monitoring.coreos.com/v1/servicemonitors"][1]["metadata"]["labels"] |= BAIS
    cluster.objects["/api/v1/namespaces"] = [item("Namespace", "shop", {}, labels=BAIS)]
    assert one(cluster, "monitors", "ServiceMonitor shop/orders").outcome is Outcome.KEPT
    assert one(cluster, "monitors", "1 monitor of the release").names == ["ServiceMonitor kps-kubelet"]


def test_a_route_of_users_needs_the_label_and_a_namespace_that_the_operator_reads(cluster: PreviousCluster) -> None:
    cluster.add("v1alpha1/alertmanagerconfigs", item("AlertmanagerConfig", "orders", {}, "shop"))
    (finding,) = found(cluster, "routes")
    assert finding.action == (
        "kubectl -n shop label alertmanagerconfig orders monitoring/stack=bais; add shop to operator.secretNamespaces"
    )


def test_dashboards_of_users_must_be_copied_and_those_of_the_release_end(cluster: PreviousCluster) -> None:
    assert one(cluster, "dashboards", "1 dashboard of the release").names == [f"{NAMESPACE}/kps-nodes"]
    assert one(cluster, "dashboards", "1 ConfigMap with").names == ["shop/orders-board"]
    assert found(cluster, "data sources") == []


def test_definitions_that_a_release_would_delete_are_a_warning(cluster: PreviousCluster) -> None:
    (finding,) = found(cluster, "definitions")
    assert finding.outcome is Outcome.KEPT
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    cluster.objects[path][0]["metadata"] |= OF_RELEASE
    (finding,) = found(cluster, "definitions")
    assert "`helm uninstall` of it deletes them" in finding.text


def test_missing_settings_are_printed_with_exact_names_and_values(cluster: PreviousCluster) -> None:
    conflicts = [
        Problem("monitoring:operator.crds", "managed", "existing, to use those CRDs"),
        Problem("monitoring:operator.controllerId", "nothing", "an id that no other operator has"),
        Problem("monitoring:nodeExporter.port", "9100", "a free port such as 9101, or nodeExporter.enabled: false"),
    ]
    previous = read_previous(cluster, release="", namespace="")
    assert missing_settings(previous, settings(with_source=False), conflicts) == (
        "monitoring:operator:\n"
        "  crds: existing\n"
        "  controllerId: monitoring\n"
        "monitoring:nodeExporter:\n"
        "  port: 9101\n"
        "monitoring:prometheus:\n"
        "  remoteRead:\n"
        f"  - name: {SOURCE['name']}\n"
        f"    url: {SOURCE['url']}\n"
        "    requiredMatchers:\n"
        f"      prometheus: {NAMESPACE}/{NAME}-prometheus\n"
    )
    assert missing_settings(previous, settings(), []) == ""
