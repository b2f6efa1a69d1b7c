"""Objects of a cluster that decide what a stack may create there, read with kubectl."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

from manifests.cluster_objects import CRD_GROUP, PlannedObject
from preflight.kubectl import UnreadableError, list_objects

KubernetesObject = Mapping[str, Any]

KUBE_SYSTEM: Final = "kube-system"
# Kinds that network policies, pod security or the deletion of their namespace would affect. Secrets and ConfigMaps are
# left out: those of the settings must exist before the stack, and reading them would reveal their content.
CONTENT_KINDS: Final = (
    "pods",
    "persistentvolumeclaims",
    "services",
    "deployments",
    "statefulsets",
    "daemonsets",
    "jobs",
    "cronjobs",
    "ingresses",
    "networkpolicies",
)
_PROMETHEUSES: Final = f"prometheuses.{CRD_GROUP}"
_NO_SUCH_KIND: Final = "the server doesn't have a resource type"


@dataclass(frozen=True, kw_only=True)
class ClusterState:
    """Objects of a cluster.

    Attributes:
        named: Namespaces, and objects with the names that the stack plans, by kind and name.
        priority_classes: All priority classes.
        workloads: Deployments and DaemonSets of all namespaces.
        host_pods: Pods in the network of their node.
        prometheuses: Prometheus resources of all namespaces.
        webhooks: Webhook configurations.
        contents: Objects of each namespace of the stack.
        unchecked: What could not be read, by description, with the reason.
    """

    named: Mapping[tuple[str, str], KubernetesObject] = field(default_factory=dict)
    priority_classes: Sequence[KubernetesObject] = ()
    workloads: Sequence[KubernetesObject] = ()
    host_pods: Sequence[KubernetesObject] = ()
    prometheuses: Sequence[KubernetesObject] = ()
    webhooks: Sequence[KubernetesObject] = ()
    contents: Mapping[str, Sequence[KubernetesObject]] = field(default_factory=dict)
    unchecked: Mapping[str, str] = field(default_factory=dict)

    def namespace(self, name: str) -> KubernetesObject | None:
        """Return a namespace; None if it does not exist."""
        return self.named.get(("namespace", name))


@dataclass(frozen=True, kw_only=True)
class _Query:
    """Objects to read in one call of kubectl.

    Attributes:
        target: Attribute of ClusterState, or the namespace whose contents these are.
        description: Description for people, if they cannot be read.
        arguments: Arguments of `kubectl get`.
    """

    target: str
    description: str
    arguments: tuple[str, ...]


# Descriptions by which a decision finds out that it has no data.
NAMESPACES: Final = "namespaces"


def read_cluster(
    context: str | None, planned: Iterable[PlannedObject], namespaces: Sequence[str], *, host_ports: bool = True
) -> ClusterState:
    """Return the state of the cluster of a kubeconfig context (default: the current one).

    `host_ports` is whether the stack uses a port of the nodes. Takes at most 15 s for each of about ten calls, which
    run four at a time.
    """
    queries = [*_named_queries(planned, namespaces), *_shared_queries(host_ports)]
    queries += [
        _Query(
            target=name,
            description=f"contents of namespace {name}",
            arguments=(",".join(CONTENT_KINDS), f"--namespace={name}"),
        )
        for name in namespaces
    ]
    with ThreadPoolExecutor(max_workers=4) as pool:
        results = list(pool.map(lambda query: _read(context, query), queries))
    return assemble(
        {query.description: (query.target, result) for query, result in zip(queries, results, strict=True)}, namespaces
    )


def assemble(
    results: Mapping[str, tuple[str, list[KubernetesObject] | UnreadableError]], namespaces: Sequence[str]
) -> ClusterState:
    """Return the state from the result of each query by description."""
    found: dict[str, list[KubernetesObject]] = {}
    unchecked = {}
    for description, (target, result) in results.items():
        if isinstance(result, UnreadableError):
            unchecked[description] = str(result)
        else:
            found.setdefault(target, []).extend(result)
    return ClusterState(
        named={(each["kind"].lower(), each["metadata"]["name"]): each for each in found.get("named", [])},
        priority_classes=found.get("priority_classes", []),
        workloads=found.get("workloads", []),
        host_pods=found.get("host_pods", []),
        prometheuses=found.get("prometheuses", []),
        webhooks=found.get("webhooks", []),
        contents={name: found[name] for name in namespaces if name in found},
        unchecked=unchecked,
    )


def _named_queries(planned: Iterable[PlannedObject], namespaces: Sequence[str]) -> list[_Query]:
    """Return one query per kind, because a kind without permission fails a whole call."""
    names: dict[str, list[str]] = {"namespace": [KUBE_SYSTEM, *namespaces]}
    for each in planned:
        if each.kind != "priorityclass":  # All of them are read, see below.
            names.setdefault(each.kind, []).append(each.name)
    return [
        _Query(target="named", description=f"{kind}s", arguments=(kind, *each, f"--namespace={KUBE_SYSTEM}"))
        for kind, each in names.items()
    ]


def _shared_queries(host_ports: bool) -> list[_Query]:
    everywhere = "--all-namespaces"
    queries = [
        _Query(target="priority_classes", description="priority classes", arguments=("priorityclasses",)),
        _Query(target="workloads", description="other operators", arguments=("deployments", everywhere)),
        _Query(target="prometheuses", description="other Prometheus resources", arguments=(_PROMETHEUSES, everywhere)),
        _Query(
            target="webhooks",
            description="webhook configurations",
            arguments=("validatingwebhookconfigurations,mutatingwebhookconfigurations",),
        ),
    ]
    if host_ports:
        queries += [
            _Query(
                target="workloads",
                description="DaemonSets with ports of the nodes",
                arguments=("daemonsets", everywhere),
            ),
            _Query(
                target="host_pods",
                description="pods with ports of the nodes",
                # Most clusters have many more pods than this selects.
                arguments=("pods", everywhere, "--field-selector=spec.hostNetwork=true"),
            ),
        ]
    return queries


def _read(context: str | None, query: _Query) -> list[KubernetesObject] | UnreadableError:
    try:
        return list_objects(context, *query.arguments)
    except UnreadableError as error:
        # Before the first installation of the CRDs there is nothing to read.
        return [] if _NO_SUCH_KIND in str(error) else error
