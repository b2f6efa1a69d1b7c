"""Cluster-wide objects of a stack, whose names other stacks and releases may already use."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from common.exporters import KUBE_STATE_METRICS
from manifests.charts import OPERATOR, OPERATOR_CRDS, exporter_chart
from settings.stack import StackSettings

CRD_GROUP: Final = "monitoring.coreos.com"
CRD_KIND: Final = "customresourcedefinition"
# Custom resources of the operator, in the plural as in the names of their definitions.
_PLURALS: Final = (
    "alertmanagerconfigs",
    "alertmanagers",
    "podmonitors",
    "probes",
    "prometheusagents",
    "prometheuses",
    "prometheusrules",
    "scrapeconfigs",
    "servicemonitors",
    "thanosrulers",
)
CRD_NAMES: Final = tuple(f"{plural}.{CRD_GROUP}" for plural in _PLURALS)
# Length to which the operator's chart cuts its names.
_LONGEST_NAME: Final = 26
_DIGEST_LENGTH: Final = 8

# Settings that avoid a conflict over a name.
EXISTING_CRDS: Final = "operator.crds: existing"
QUALIFIED_NAMES: Final = "cluster.qualifiedNames: true"
PRIORITY_CLASS: Final = "scheduling.priorityClass with the name of a class for all pods"
_OTHER_NAMESPACE: Final = "another namespace for this stack"


@dataclass(frozen=True, kw_only=True)
class PlannedObject:
    """An object outside the stack's namespaces.

    Attributes:
        kind: Kind as kubectl names it, such as clusterrole.
        name: Name in the cluster.
        release: Helm release that creates it; None if the program itself does.
        setting: Setting with which the stack does without this name.
    """

    kind: str
    name: str
    release: str | None
    setting: str


def operator_prefix(settings: StackSettings) -> str:
    """Return the prefix of the names of the operator's chart.

    By default `prometheus`: the operator is `prometheus-operator`. Qualified, it is the namespace.
    """
    return _shortened(settings.namespace) if settings.cluster.qualified_names else "prometheus"


def operator_name(settings: StackSettings) -> str:
    """Return the name of the operator's Deployment, Service and service account."""
    return f"{operator_prefix(settings)}-operator"


def kubelet_service(settings: StackSettings) -> str:
    """Return the name of the Service of the kubelets, which the operator maintains in its own namespace."""
    return f"{operator_prefix(settings)}-kubelet"


def kube_state_metrics_name(settings: StackSettings) -> str:
    """Return the name of the Deployment, Service and ClusterRole of kube-state-metrics."""
    name = KUBE_STATE_METRICS.name
    return f"{_shortened(settings.namespace)}-{name}" if settings.cluster.qualified_names else name


def operator_role(settings: StackSettings) -> str:
    """Return the name of the operator's roles and their bindings.

    It differs from the ClusterRole of the operator's chart, which Helm deletes when a release no longer contains it.
    """
    return f"{settings.namespace}-prometheus-operator"


def prometheus_role(settings: StackSettings) -> str:
    """Return the name of Prometheus's ClusterRole and ClusterRoleBinding."""
    return f"{settings.namespace}-prometheus"


def scrape_limit_policy_name(settings: StackSettings) -> str:
    """Return the name of the admission policy of other teams' scrape limits and of its binding."""
    return f"{settings.namespace}-scrape-limits"


def planned_objects(settings: StackSettings) -> list[PlannedObject]:
    """Return the cluster-wide objects that the stack creates."""
    return [
        PlannedObject(kind=kind, name=name, release=release, setting=setting)
        for kind, name, release, setting in _planned(settings)
    ]


def _planned(settings: StackSettings) -> Iterator[tuple[str, str, str | None, str]]:
    targets = settings.operator.cluster_targets
    if settings.operator.crds == "managed":
        for name in CRD_NAMES:
            yield CRD_KIND, name, OPERATOR_CRDS.name, EXISTING_CRDS
    if settings.operator.enabled:
        for kind in ("clusterrole", "clusterrolebinding"):
            yield kind, operator_role(settings), None, _OTHER_NAMESPACE
    if targets.core_dns:
        yield "service", f"{operator_prefix(settings)}-coredns", OPERATOR.name, QUALIFIED_NAMES
    if settings.has_exporter(KUBE_STATE_METRICS):
        for kind in ("clusterrole", "clusterrolebinding"):
            yield kind, kube_state_metrics_name(settings), exporter_chart(KUBE_STATE_METRICS).name, QUALIFIED_NAMES
    for kind, name in _own_objects(settings):
        yield kind, name, None, _OTHER_NAMESPACE
    if settings.scheduling.priority_class is None:
        for name in dict.fromkeys(settings.priority_classes):
            yield "priorityclass", name, None, PRIORITY_CLASS


def _own_objects(settings: StackSettings) -> Iterator[tuple[str, str]]:
    """Yield kind and name of each cluster-wide object whose name always includes the namespace."""
    for kind in ("clusterrole", "clusterrolebinding"):
        yield kind, prometheus_role(settings)
    for kind in ("validatingadmissionpolicy", "validatingadmissionpolicybinding"):
        yield kind, scrape_limit_policy_name(settings)


def _shortened(namespace: str) -> str:
    """Return a namespace's name, or as much of it as the operator's chart keeps, made unique by a digest."""
    if len(namespace) <= _LONGEST_NAME:
        return namespace
    digest = hashlib.sha256(namespace.encode()).hexdigest()[:_DIGEST_LENGTH]
    return f"{namespace[: _LONGEST_NAME - _DIGEST_LENGTH - 1].rstrip('-')}-{digest}"
