"""Decision whether a stack may be deployed into a cluster that others use too, and what it owns there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from common.exporters import NODE_EXPORTER
from common.problems import Problem
from manifests.cluster_objects import CRD_KIND, CRD_NAMES, kubelet_service, planned_objects
from manifests.network.policies import DEFAULT_DENY
from preflight.cluster_state import KUBE_SYSTEM, ClusterState, add_same_names, read_cluster
from preflight.conflicts import conflict_notes, conflict_problems
from preflight.namespaced_objects import BY_NAME, namespaced_objects
from preflight.namespaces import (
    PlannedNamespace,
    decide,
    is_created_by_stack,
    previous_namespaces,
    secret_namespace_problems,
)
from settings.fields import NODE_EXPORTER_SUFFIX
from settings.stack import StackSettings

_GUIDE: Final = "docs/operations/shared-cluster.md"


@dataclass(frozen=True, kw_only=True)
class Adoption:
    """What a stack owns in its cluster.

    Attributes:
        problems: One problem per conflict.
        notes: Effects on others, and what could not be checked.
        adopted_namespaces: The stack's namespaces that existed before it.
        cluster_uid: Identity of the cluster; empty if it could not be read.
    """

    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    adopted_namespaces: Sequence[str]
    cluster_uid: str


def read_state(settings: StackSettings) -> ClusterState:
    """Return the part of the cluster's state that the decision needs."""
    state = read_cluster(
        settings.cluster.context,
        # All priority classes are read, for one that the settings name.
        [
            *((CRD_KIND, name) for name in CRD_NAMES),
            *(
                (each.kind, each.name)
                for each in planned_objects(settings)
                if each.kind not in (CRD_KIND, "priorityclass")
            ),
            *(("namespace", name) for name in settings.operator.secret_namespaces),
        ],
        [planned.name for planned in _planned_namespaces(settings, {})],
        host_ports=settings.has_exporter(NODE_EXPORTER),
    )
    namespace = state.namespace(settings.namespace)
    if namespace is None or is_created_by_stack(namespace):
        return state
    names = [f"{BY_NAME[kind]}/{name}" for kind, name in sorted(namespaced_objects(settings)) if kind in BY_NAME]
    return add_same_names(settings.cluster.context, state, settings.namespace, names)


def decide_adoption(
    settings: StackSettings, state: ClusterState, previous: Mapping[str, Any] | None, *, stack: str
) -> Adoption:
    """Return what the stack owns, and why it must not be deployed.

    `previous` is the outputs of the stack's last deployment; empty before the first, None if they are unknown.
    """
    known = previous or {}
    planned = _planned_namespaces(settings, known)
    decisions = {each.name: decide(each, state, stack) for each in planned}
    uid = _cluster_uid(state)
    problems = [
        *_identity_problems(settings, uid, str(known.get("cluster_uid") or "")),
        *(problem for decision in decisions.values() for problem in decision.problems),
        *secret_namespace_problems(settings.operator.secret_namespaces, state),
        *conflict_problems(
            settings,
            planned_objects(settings),
            state,
            stack=stack,
            deployed=known.get("namespace") == settings.namespace,
        ),
    ]
    notes = [
        *(note for decision in decisions.values() for note in decision.notes),
        *conflict_notes(settings, state),
        *_unchecked_notes(state.unchecked),
    ]
    if previous is None:
        notes.append("not checked: whether this is the cluster of the last deployment (its outputs cannot be read)")
    return Adoption(
        problems=tuple(problems),
        notes=tuple(notes),
        adopted_namespaces=[name for name, decision in decisions.items() if decision.adopted],
        cluster_uid=uid or str(known.get("cluster_uid") or ""),
    )


def _planned_namespaces(settings: StackSettings, previous: Mapping[str, Any]) -> list[PlannedNamespace]:
    last, adopted = previous_namespaces(previous)
    planned = [
        PlannedNamespace(
            name=settings.namespace,
            pod_security="restricted",
            adopt=settings.namespace in settings.namespaces.adopt,
            previous=last == settings.namespace,
            was_adopted=settings.namespace in adopted,
            services=frozenset({kubelet_service(settings)}),
            objects=namespaced_objects(settings),
        )
    ]
    if settings.has_exporter(NODE_EXPORTER):
        name = settings.node_exporter_namespace
        planned.append(
            PlannedNamespace(
                name=name,
                pod_security="privileged",
                adopt=name in settings.namespaces.adopt,
                previous=last is not None and name == f"{last}{NODE_EXPORTER_SUFFIX}",
                was_adopted=name in adopted,
                objects=frozenset({("NetworkPolicy", DEFAULT_DENY)} if settings.network.policies else ()),
            )
        )
    return planned


def _cluster_uid(state: ClusterState) -> str:
    namespace = state.namespace(KUBE_SYSTEM)
    return str(namespace["metadata"]["uid"]) if namespace else ""


def _identity_problems(settings: StackSettings, found: str, remembered: str) -> Iterable[Problem]:
    """Return the problem of a cluster that is not the one of the settings, or of the last deployment."""
    if not found:
        return
    wanted = settings.cluster.uid
    context = settings.cluster.context or "the current context"
    if wanted is not None and found != wanted:
        yield Problem("monitoring:cluster.uid", f"cluster {found} in {context}", f"cluster {wanted}, or another uid")
    elif wanted is None and remembered and found != remembered:
        yield Problem(
            "monitoring:cluster.context",
            f"{context}, which is cluster {found}",
            f"the cluster of the last deployment, {remembered}; for a new one: cluster.uid ({_GUIDE}#another-cluster)",
        )


def _unchecked_notes(unchecked: Mapping[str, str]) -> Iterable[str]:
    """Return one note per reason, which is usually the same for all."""
    by_reason: dict[str, list[str]] = {}
    for description, reason in unchecked.items():
        by_reason.setdefault(reason, []).append(description)
    return [f"not checked: {', '.join(descriptions)} ({reason})" for reason, descriptions in by_reason.items()]
