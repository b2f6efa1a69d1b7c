"""Roles of the operator, in place of the chart's ClusterRole: reads cluster-wide, writes only in its namespace.

The rules follow the calls of operator 0.93.1 with the flags of `manifests/operator.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from common.labels import READS_SECRETS
from manifests.cluster_objects import CRD_GROUP, operator_role
from settings.stack import StackSettings

Rule = Mapping[str, Any]

_READ: Final = ("get", "list", "watch")
_WRITE: Final = ("create", "update", "patch", "delete")


@dataclass(frozen=True, kw_only=True)
class OperatorRole:
    """A role of the operator, which is bound to its service account.

    Attributes:
        name: Name of the role and of its binding.
        namespace: Namespace in which it applies; None if it is cluster-wide.
        rules: Rules as Kubernetes defines them.
        annotations: Annotations, such as the reason for access to Secrets.
    """

    name: str
    namespace: str | None
    rules: Sequence[Rule]
    annotations: Mapping[str, str]


def operator_roles(settings: StackSettings) -> list[OperatorRole]:
    """Return the roles of the stack's operator; empty if another operator serves the stack."""
    if not settings.operator.enabled:
        return []
    name = operator_role(settings)
    own = "the operator writes the configuration of Prometheus and Alertmanager to Secrets of this namespace"
    team = "monitors and AlertmanagerConfigs of this namespace refer to Secrets (operator.secretNamespaces)"
    return [
        OperatorRole(name=name, namespace=None, rules=_cluster_rules(settings), annotations={}),
        OperatorRole(
            name=name, namespace=settings.namespace, rules=_own_rules(settings), annotations={READS_SECRETS: own}
        ),
        *(
            OperatorRole(name=name, namespace=namespace, rules=_TEAM_RULES, annotations={READS_SECRETS: team})
            for namespace in settings.operator.secret_namespaces
        ),
    ]


def _cluster_rules(settings: StackSettings) -> list[Rule]:
    kinds = ("podmonitors", "probes", "prometheusrules", "scrapeconfigs", "servicemonitors")
    rules = [
        _rule(CRD_GROUP, kinds, _READ),
        _rule("", ("namespaces",), ("list", "watch")),
        # Whether the class of a volume claim exists.
        _rule("storage.k8s.io", ("storageclasses",), ("get",)),
        # The only write outside its namespace: why it refuses an object is an event beside that object.
        _rule("events.k8s.io", ("events",), ("create", "patch")),
    ]
    if settings.operator.cluster_targets.kubelet:
        rules.append(_rule("", ("nodes",), ("list",)))
    return rules


def _own_rules(settings: StackSettings) -> list[Rule]:
    instances = ("alertmanagers", "prometheuses")
    rules = [
        _rule(CRD_GROUP, ("alertmanagerconfigs", *instances), _READ),
        _rule(CRD_GROUP, tuple(f"{each}/status" for each in instances), ("update", "patch")),
        # For clusters that check who may block the deletion of an owner (OwnerReferencesPermissionEnforcement).
        _rule(CRD_GROUP, tuple(f"{each}/finalizers" for each in instances), ("update",)),
        _rule("apps", ("statefulsets",), (*_READ, *_WRITE)),
        _rule("", ("configmaps", "secrets"), (*_READ, "create", "update", "delete")),
        _rule("", ("services",), ("get", "create", "update")),
        _rule("", ("pods",), ("list",)),
    ]
    if settings.operator.cluster_targets.kubelet:
        # The endpoints of the kubelets, which the Service of the kubelets owns.
        rules.append(_rule("", ("services/finalizers",), ("update",)))
        rules.append(_rule("discovery.k8s.io", ("endpointslices",), ("get", "list", "create", "update", "delete")))
    return rules


def _rule(group: str, resources: Sequence[str], verbs: Sequence[str]) -> Rule:
    return {"apiGroups": [group], "resources": list(resources), "verbs": list(verbs)}


# The operator watches what an AlertmanagerConfig refers to, which takes all three verbs.
_TEAM_RULES: Final = (
    _rule(CRD_GROUP, ("alertmanagerconfigs",), _READ),
    _rule("", ("configmaps", "secrets"), _READ),
)
