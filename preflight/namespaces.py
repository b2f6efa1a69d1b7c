"""Ownership of the stack's namespaces: created by the stack, adopted, or not to be touched."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from common.labels import ADOPTED, OPERATED, STACK_LABEL, ownership_labels
from common.problems import Problem
from preflight.cluster_state import NAMESPACES, ClusterState, KubernetesObject
from preflight.ownership import has_managers, is_by_provider, stack_of

_KEY: Final = "monitoring:namespace"
_LEVEL: Final = "pod-security.kubernetes.io/enforce"
_PLURALS: Final = {"PersistentVolumeClaim": "claims", "NetworkPolicy": "network policies", "Ingress": "ingresses"}
_MOST_NAMES: Final = 10
_GUIDE: Final = "docs/operations/shared-cluster.md"


@dataclass(frozen=True, kw_only=True)
class PlannedNamespace:
    """A namespace that the stack uses.

    Attributes:
        name: Name in the cluster.
        pod_security: Pod security standard that the stack enforces in it.
        adopt: Whether the settings allow objects of others in it.
        previous: Whether the stack's last deployment used it.
        was_adopted: Whether it was adopted at that time.
        services: Names of the Services that the stack's operator leaves in it.
        objects: Kind and name of each object that the program creates in it.
    """

    name: str
    pod_security: str
    adopt: bool = False
    previous: bool = False
    was_adopted: bool = False
    services: frozenset[str] = frozenset()
    objects: frozenset[tuple[str, str]] = frozenset()

    @property
    def claims(self) -> set[str]:
        """Return the names of the stack's volume claims in it."""
        return {name for kind, name in self.objects if kind == "PersistentVolumeClaim"}


@dataclass(frozen=True, kw_only=True)
class NamespaceDecision:
    """What is known of a namespace.

    Attributes:
        adopted: Whether it existed before the stack, whose labels are therefore removed by `pulumi destroy`.
        problems: Why the stack may not use it.
        notes: Notes for the preview.
    """

    adopted: bool = False
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


def decide(planned: PlannedNamespace, state: ClusterState, stack: str) -> NamespaceDecision:
    """Return whether the stack may use a namespace, and whether it owns it."""
    name = planned.name
    if NAMESPACES in state.unchecked:
        return NamespaceDecision(adopted=planned.was_adopted)
    namespace = state.namespace(name)
    if namespace is None:
        return NamespaceDecision()
    if namespace["metadata"].get("deletionTimestamp"):
        return _refused(f"{name}, which is being deleted", "a wait until it is gone, or another namespace")
    owner = stack_of(namespace)
    if owner not in (None, ownership_labels(stack)[STACK_LABEL]):
        return _refused(f"{name}, which belongs to stack {owner}", "a namespace that no other stack uses")
    if owner or planned.previous:
        return _decide_own(planned, namespace, state)
    return _decide_foreign(planned, namespace, state)


def is_created_by_stack(namespace: KubernetesObject) -> bool:
    """Return whether a stack of this program created a namespace, so that its objects are the stack's."""
    return stack_of(namespace) is not None and not _is_adopted(namespace)


def _is_adopted(namespace: KubernetesObject) -> bool:
    return ADOPTED.items() <= (namespace["metadata"].get("annotations") or {}).items()


def _decide_own(planned: PlannedNamespace, namespace: KubernetesObject, state: ClusterState) -> NamespaceDecision:
    adopted = _is_adopted(namespace)
    # Claims are its own by their names, even if a StatefulSet or a restore from a backup has created them.
    problems = tuple(_taken_problems(planned, state.same_names)) if adopted else ()
    return NamespaceDecision(adopted=adopted, problems=problems)


def _decide_foreign(planned: PlannedNamespace, namespace: KubernetesObject, state: ClusterState) -> NamespaceDecision:
    name, problems = planned.name, []
    level = (namespace["metadata"].get("labels") or {}).get(_LEVEL)
    if level not in (None, planned.pod_security):
        found = f"{name} with {_LEVEL}: {level}"
        problems.append(Problem(_KEY, found, f"a namespace without this label, or with {planned.pod_security}"))
    problems += _taken_problems(planned, (*state.contents.get(name, ()), *state.same_names))
    held = "objects that cannot be listed"
    if name in state.contents:
        held = _describe([each for each in state.contents[name] if not _is_left_over(each, planned)])
    if held and not planned.adopt:
        allowed = f"an empty namespace, or namespaces.adopt: [{name}] to lock it ({_GUIDE})"
        problems.append(Problem(_KEY, f"{name}, which the stack did not create, with {held}", allowed))
    locks = f"network policies that deny all other traffic and pod security {planned.pod_security}"
    note = f"namespace {name} existed before the stack: it gets {locks}, which `pulumi destroy` removes again"
    if held:
        note += f"; affected: {held}"
    return NamespaceDecision(adopted=True, problems=tuple(problems), notes=(note,))


def secret_namespace_problems(names: Sequence[str], state: ClusterState) -> Iterator[Problem]:
    """Yield a problem per namespace without which the operator could not start to read its Secrets."""
    if NAMESPACES in state.unchecked:
        return
    for index, name in enumerate(names):
        namespace = state.namespace(name)
        if namespace is None or namespace["metadata"].get("deletionTimestamp"):
            reason = "the cluster does not have" if namespace is None else "is being deleted"
            key = f"monitoring:operator.secretNamespaces[{index}]"
            yield Problem(key, f"{name}, which {reason}", "an existing namespace")


def _refused(found: str, allowed: str) -> NamespaceDecision:
    return NamespaceDecision(problems=(Problem(_KEY, found, allowed),))


def _taken_problems(planned: PlannedNamespace, items: Iterable[KubernetesObject]) -> Iterator[Problem]:
    """Yield a problem per object of others with the name of one that the program would take over, and later delete."""
    for item in items:
        metadata = item["metadata"]
        is_named = (item["kind"], metadata["name"]) in planned.objects and metadata.get("namespace") == planned.name
        # Earlier versions created service accounts with nothing but a name.
        is_own = is_by_provider(item) or (planned.previous and not has_managers(item))
        if is_named and not is_own:
            yield taken_problem(planned.name, item)


def taken_problem(namespace: str, item: KubernetesObject) -> Problem:
    """Return the problem of an object of others with the name of one of the stack's."""
    found = f"{namespace}, where another owner has {item['kind']} {item['metadata']['name']}"
    return Problem(_KEY, found, "a namespace without an object of this name")


def _is_left_over(item: KubernetesObject, planned: PlannedNamespace) -> bool:
    """Return whether an object is a claim or the kubelets' Service that this stack has left in an adopted namespace."""
    metadata = item["metadata"]
    if item["kind"] == "Service" and metadata["name"] in planned.services:
        return OPERATED.items() <= (metadata.get("labels") or {}).items()
    # Without the number of the replica: an earlier deployment may have had more of them.
    stems = {_without_number(name) for name in planned.claims}
    is_planned = _without_number(metadata["name"]) in stems
    return item["kind"] == "PersistentVolumeClaim" and is_planned and is_by_provider(item)


def _without_number(name: str) -> str:
    return re.sub(r"-\d+$", "", name)


def _describe(items: Sequence[KubernetesObject]) -> str:
    """Return the objects by kind, without those that a controller has created; empty without any."""
    by_kind: dict[str, list[str]] = {}
    for item in items:
        # Pods are listed in any case: the policies affect them, also those of a controller.
        if item["kind"] == "Pod" or not item["metadata"].get("ownerReferences"):
            by_kind.setdefault(item["kind"], []).append(item["metadata"]["name"])
    return "; ".join(f"{_plural(kind)} {_few(names)}" for kind, names in by_kind.items())


def _plural(kind: str) -> str:
    return _PLURALS.get(kind, f"{kind.lower()}s")


def _few(names: Iterable[str]) -> str:
    ordered = sorted(names)
    more = len(ordered) - _MOST_NAMES
    return ", ".join(ordered[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def previous_namespaces(previous: Mapping[str, Any]) -> tuple[str | None, frozenset[str]]:
    """Return the namespace of the last deployment, None before the first, and the namespaces that it had adopted."""
    namespace = previous.get("namespace")
    return (str(namespace) if namespace else None), frozenset(map(str, previous.get("adopted_namespaces") or ()))
