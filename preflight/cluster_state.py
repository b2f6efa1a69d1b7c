"""Objects of a cluster that decide what a stack may create there, read with kubectl."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, Final

from manifests.cluster_objects import CRD_GROUP
from manifests.custom_resources import PLURALS
from preflight.kubectl import UnreadableError, list_objects

KubernetesObject = Mapping[str, Any]


def qualified(item: KubernetesObject) -> str:
    """Return namespace and name of an object."""
    return f"{item['metadata']['namespace']}/{item['metadata']['name']}"


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
# Kinds that are read by name.
_NAMED: Final = (
    "Namespace",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleBinding",
    "Service",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
)
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
        same_names: Objects in the stack's namespace that may have the names of those that the stack creates: custom
            resources, and in a namespace that the stack did not create also objects read by name.
        contents: Objects of each namespace of the stack.
        unchecked: What could not be read, by description, with the reason.
    """

    named: Mapping[tuple[str, str], KubernetesObject] = field(default_factory=dict)
    priority_classes: Sequence[KubernetesObject] = ()
    workloads: Sequence[KubernetesObject] = ()
    host_pods: Sequence[KubernetesObject] = ()
    prometheuses: Sequence[KubernetesObject] = ()
    webhooks: Sequence[KubernetesObject] = ()
    same_names: Sequence[KubernetesObject] = ()
    contents: Mapping[str, Sequence[KubernetesObject]] = field(default_factory=dict)
    unchecked: Mapping[str, str] = field(default_factory=dict)

    def namespace(self, name: str) -> KubernetesObject | None:
        """Return a namespace; None if it does not exist."""
        return self.named.get(("namespace", name))


@dataclass(frozen=True, kw_only=True)
class Query:
    """Objects to read in one call of kubectl.

    Attributes:
        description: Description for people, if they cannot be read.
        arguments: Arguments of `kubectl get`.
        namespace: Namespace of the stack whose contents these are.
        parts: Queries that together read the same, for an account that may not read all of it.
    """

    description: str
    arguments: tuple[str, ...]
    namespace: str | None = None
    parts: tuple["Query", ...] = ()


# Descriptions by which a decision finds out that it has no data.
NAMESPACES: Final = "namespaces"
CRDS: Final = "customresourcedefinitions"
_CUSTOM: Final = "monitors and rules in the stack's namespace"


def read_cluster(
    context: str | None, names: Iterable[tuple[str, str]], namespaces: Sequence[str], *, host_ports: bool = True
) -> ClusterState:
    """Return the state of the cluster of a kubeconfig context (default: the current one).

    `names` is the kind and name of each object outside the namespaces, `host_ports` whether the stack uses a port of
    the nodes. The first namespace holds the stack's custom resources. Takes at most 15 s for each of about seven calls,
    which run at the same time.
    """
    queries = [
        _named_query(names, namespaces),
        *_shared_queries(host_ports),
        _custom_query(namespaces[0]),
        *map(_contents_query, namespaces),
    ]
    with ThreadPoolExecutor() as pool:
        results = [result for each in pool.map(lambda query: _read(context, query), queries) for result in each]
    return assemble(results)


def add_same_names(context: str | None, state: ClusterState, namespace: str, names: Iterable[str]) -> ClusterState:
    """Return the state with the objects of a namespace that have these names, each written as `resource/name`.

    Takes at most 15 s.
    """
    try:
        found = list_objects(context, *names, f"--namespace={namespace}")
    except UnreadableError as error:
        unread = {f"objects with the stack's names in namespace {namespace}": str(error)}
        return replace(state, unchecked={**state.unchecked, **unread})
    return replace(state, same_names=(*state.same_names, *found))


Result = tuple[Query, list[KubernetesObject] | UnreadableError]


def assemble(results: Iterable[Result]) -> ClusterState:
    """Return the state from the result of each query."""
    objects: list[KubernetesObject] = []
    custom: list[KubernetesObject] = []
    contents, unchecked = {}, {}
    for query, result in results:
        if isinstance(result, UnreadableError):
            unchecked[query.description] = str(result)
        elif query.description == _CUSTOM:
            custom += result
        elif query.namespace is not None:
            contents[query.namespace] = result
        else:
            objects += result
    return ClusterState(
        named={(each["kind"].lower(), each["metadata"]["name"]): each for each in objects if each["kind"] in _NAMED},
        priority_classes=[each for each in objects if each["kind"] == "PriorityClass"],
        workloads=[each for each in objects if each["kind"] in ("Deployment", "DaemonSet")],
        host_pods=[each for each in objects if each["kind"] == "Pod"],
        prometheuses=[each for each in objects if each["kind"] == "Prometheus"],
        webhooks=[each for each in objects if each["kind"].endswith("WebhookConfiguration")],
        same_names=custom,
        contents=contents,
        unchecked=unchecked,
    )


def _named_query(names: Iterable[tuple[str, str]], namespaces: Sequence[str]) -> Query:
    by_kind: dict[str, list[str]] = {"namespace": [KUBE_SYSTEM, *namespaces]}
    for kind, name in names:
        by_kind.setdefault(kind, []).append(name)
    namespace = f"--namespace={KUBE_SYSTEM}"  # Of the Services; all other objects are cluster-wide.
    return Query(
        description="names",
        arguments=(*(f"{kind}/{name}" for kind, each in by_kind.items() for name in each), namespace),
        parts=tuple(
            Query(description=f"{kind}s", arguments=(kind, *each, namespace)) for kind, each in by_kind.items()
        ),
    )


def _shared_queries(host_ports: bool) -> list[Query]:
    everywhere = "--all-namespaces"
    kinds = {
        "priorityclasses": "priority classes",
        "deployments": "other operators",
        "validatingwebhookconfigurations": "validating webhooks",
        "mutatingwebhookconfigurations": "mutating webhooks",
    }
    if host_ports:
        kinds["daemonsets"] = "DaemonSets with ports of the nodes"
    queries = [
        Query(
            description="shared objects",
            arguments=(",".join(kinds), everywhere),
            parts=tuple(Query(description=text, arguments=(kind, everywhere)) for kind, text in kinds.items()),
        ),
        # Apart from the others, because before the first installation of the CRDs the whole call would fail.
        Query(description="other Prometheus resources", arguments=(f"prometheuses.{CRD_GROUP}", everywhere)),
    ]
    if host_ports:
        # Most clusters have many more pods than this selects.
        selector = "--field-selector=spec.hostNetwork=true"
        queries.append(Query(description="pods with ports of the nodes", arguments=("pods", everywhere, selector)))
    return queries


def _custom_query(namespace: str) -> Query:
    kinds = [f"{plural}.{CRD_GROUP}" for plural in PLURALS.values()]
    place = f"--namespace={namespace}"
    # Each kind for itself if the cluster lacks the CRD of another one, or the account may not read it.
    parts = tuple(Query(description=_CUSTOM, arguments=(kind, place)) for kind in kinds)
    return Query(description=_CUSTOM, arguments=(",".join(kinds), place), parts=parts)


def _contents_query(namespace: str) -> Query:
    return Query(
        description=f"contents of namespace {namespace}",
        arguments=(",".join(CONTENT_KINDS), f"--namespace={namespace}"),
        namespace=namespace,
    )


def _read(context: str | None, query: Query) -> list[Result]:
    try:
        return [(query, list_objects(context, *query.arguments))]
    except UnreadableError as error:
        if query.parts and (error.is_refusal or _NO_SUCH_KIND in str(error)):
            return [result for part in query.parts for result in _read(context, part)]
        # Before the first installation of the CRDs there is nothing to read.
        if _NO_SUCH_KIND in str(error):
            return [(query, [])]
        return [(part, error) for part in query.parts or (query,)]
