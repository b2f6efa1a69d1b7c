"""Conflicts over cluster-wide names, operators, ports and selectors with whatever else runs in the cluster."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from common.exporters import NODE_EXPORTER
from common.labels import STACK_LABEL, ownership_labels
from common.problems import Problem, suggestion
from manifests.charts import OPERATOR, OPERATOR_VERSION
from manifests.cluster_objects import (
    CRD_GROUP,
    CRD_KIND,
    CRD_NAMES,
    EXISTING_CRDS,
    PRIORITY_CLASS,
    QUALIFIED_NAMES,
    PlannedObject,
)
from preflight.cluster_state import CRDS, ClusterState, KubernetesObject, qualified
from preflight.ownership import describe_owner, helm_release, is_by_provider, stack_of
from settings.stack import StackSettings

_CRD_VERSION: Final = "operator.prometheus.io/version"
_OPERATOR_IMAGE: Final = "prometheus-operator"
_ID_FLAG: Final = "controller-id"
_SERVED_KINDS: Final = ("prometheus", "alertmanager")


def conflict_problems(
    settings: StackSettings, planned: Iterable[PlannedObject], state: ClusterState, *, stack: str, deployed: bool
) -> list[Problem]:
    """Return one problem per owner of something that the stack needs for itself, with the setting that avoids it.

    `deployed` is whether the stack's last deployment used the same namespace: older versions did not label objects.
    """
    return [
        *_name_problems(settings, planned, state, stack=stack, deployed=deployed),
        *_existing_crd_problems(settings, state),
        *_operator_problems(settings, state),
        *_port_problems(settings, state),
        *_selector_problems(settings, state),
        *_priority_problems(settings, state),
    ]


def conflict_notes(settings: StackSettings, state: ClusterState) -> list[str]:
    """Return what may still go wrong in this cluster, without being certain."""
    return [*_crd_version_notes(settings, state), *_operator_notes(settings, state), *_webhook_notes(state)]


# --- names ----------------------------------------------------------------------------------------------------------


def _name_problems(
    settings: StackSettings, planned: Iterable[PlannedObject], state: ClusterState, *, stack: str, deployed: bool
) -> Iterator[Problem]:
    existing = dict(state.named)
    existing |= {("priorityclass", each["metadata"]["name"]): each for each in state.priority_classes}
    found: dict[str, dict[str, list[str]]] = {}
    for each in planned:
        item = existing.get((each.kind, each.name))
        if item is not None and not _is_own(item, each, settings.namespace, stack=stack, deployed=deployed):
            owners = found.setdefault(each.setting, {})
            owners.setdefault(describe_owner(item), []).append(f"{each.kind} {each.name}")
    for setting, owners in found.items():
        key, value, allowed = _remedy(setting, settings)
        taken = " and ".join(f"{owner} has {_first_of(names)}" for owner, names in owners.items())
        yield Problem(key, f"{value}, but {taken}", allowed)


def _first_of(names: Sequence[str]) -> str:
    return f"{names[0]} (and {len(names) - 1} more)" if len(names) > 1 else names[0]


def _is_own(item: KubernetesObject, planned: PlannedObject, namespace: str, *, stack: str, deployed: bool) -> bool:
    if planned.release is not None:
        return helm_release(item) == (namespace, planned.release)
    owner = stack_of(item)
    if owner is None:
        return deployed and is_by_provider(item)
    return owner == ownership_labels(stack)[STACK_LABEL]


def _remedy(setting: str, settings: StackSettings) -> tuple[str, str, str]:
    """Return the key to change, its value now, and the value that avoids the conflict."""
    if setting == EXISTING_CRDS:
        return "monitoring:operator.crds", settings.operator.crds, "existing, to use those CRDs"
    if setting == PRIORITY_CLASS:
        return "monitoring:scheduling.priorityClass", "nothing", "the name of an existing class for all pods"
    if setting == QUALIFIED_NAMES and not settings.cluster.qualified_names:
        return "monitoring:cluster.qualifiedNames", "false", "true, so that the names start with the namespace"
    return "monitoring:namespace", settings.namespace, "another namespace, because the names contain it"


# --- CRDs -----------------------------------------------------------------------------------------------------------


def _existing_crd_problems(settings: StackSettings, state: ClusterState) -> Iterator[Problem]:
    if settings.operator.crds != "existing" or CRDS in state.unchecked:
        return
    missing = [name.partition(".")[0] for name in CRD_NAMES if (CRD_KIND, name) not in state.named]
    if missing:
        found = f"existing, but the cluster lacks {', '.join(missing)} of {CRD_GROUP}"
        yield Problem("monitoring:operator.crds", found, "managed, or a cluster with these CRDs")


def _crd_version_notes(settings: StackSettings, state: ClusterState) -> Iterator[str]:
    if settings.operator.crds != "existing":
        return
    crds = (item for (kind, _), item in state.named.items() if kind == CRD_KIND)
    versions = {str((item["metadata"].get("annotations") or {}).get(_CRD_VERSION, "unknown")) for item in crds}
    for version in sorted(versions - {OPERATOR_VERSION}):
        yield (
            f"the existing CRDs are those of operator {version}, and the stack is made for {OPERATOR_VERSION}: "
            "older CRDs drop fields that they do not know"
        )


# --- operators ------------------------------------------------------------------------------------------------------


def _operator_problems(settings: StackSettings, state: ClusterState) -> Iterator[Problem]:
    if not settings.operator.enabled:
        return
    for item in _serving(settings, state):
        value = settings.operator.controller_id or "nothing"
        yield Problem(
            "monitoring:operator.controllerId",
            f"{value}, but operator {qualified(item)} ({describe_owner(item)}) serves the stack's namespace, too",
            "an id that no other operator has, such as the namespace, or operator.enabled: false to use that operator",
        )


def _operator_notes(settings: StackSettings, state: ClusterState) -> Iterator[str]:
    if not settings.operator.enabled and not _serving(settings, state):
        yield (
            f"operator.enabled is false, and no other operator was found that serves namespace {settings.namespace}: "
            "without one, Prometheus and Alertmanager never start"
        )


def _serving(settings: StackSettings, state: ClusterState) -> list[KubernetesObject]:
    """Return the Deployments of other operators that reconcile the stack's Prometheus or Alertmanager."""
    own = (settings.namespace, OPERATOR.name)
    return [
        item
        for item in state.workloads
        if item["kind"] == "Deployment"
        and helm_release(item) != own
        and any(
            _serves(flags, settings.namespace, settings.operator.controller_id or "")
            for container in _pod_spec(item).get("containers") or ()
            if _image_name(container) == _OPERATOR_IMAGE
            for flags in [parse_flags(container.get("args") or ())]
        )
    ]


def _serves(flags: Mapping[str, str], namespace: str, controller_id: str) -> bool:
    if flags.get(_ID_FLAG, "") != controller_id or namespace in flags.get("deny-namespaces", "").split(","):
        return False
    everywhere = flags.get("namespaces", "")
    scopes = (flags.get(f"{kind}-instance-namespaces") or everywhere for kind in _SERVED_KINDS)
    return any(not scope or namespace in scope.split(",") for scope in scopes)


def parse_flags(arguments: Sequence[str]) -> dict[str, str]:
    """Return the value of each flag of a command line, written as `--flag=value` or as `--flag value`."""
    flags: dict[str, str] = {}
    name = ""
    for argument in map(str, arguments):
        if argument.startswith("-"):
            name, _, value = argument.lstrip("-").partition("=")
            flags[name] = value
        elif name:
            flags[name] = argument
    return flags


def _image_name(container: Mapping[str, Any]) -> str:
    return str(container.get("image", "")).partition("@")[0].rpartition("/")[2].partition(":")[0]


# --- ports of the nodes ---------------------------------------------------------------------------------------------


def _port_problems(settings: StackSettings, state: ClusterState) -> Iterator[Problem]:
    if not settings.has_exporter(NODE_EXPORTER):
        return
    port, own = settings.node_exporter.port, settings.node_exporter_namespace
    candidates = [*(each for each in state.workloads if each["kind"] == "DaemonSet"), *state.host_pods]
    users = dict.fromkeys(
        _workload(item) for item in candidates if item["metadata"]["namespace"] != own and _uses_port(item, port)
    )
    for user in users:
        yield Problem(
            "monitoring:nodeExporter.port",
            f"{port}, which {user} uses on the nodes",
            f"a free port such as {port + 1}, or nodeExporter.enabled: false",
        )


def _uses_port(item: KubernetesObject, port: int) -> bool:
    if (item.get("status") or {}).get("phase") in ("Succeeded", "Failed"):
        return False
    specification = _pod_spec(item)
    on_host = bool(specification.get("hostNetwork"))
    containers = (*(specification.get("initContainers") or ()), *(specification.get("containers") or ()))
    ports = (each for container in containers for each in container.get("ports") or ())
    return any(each.get("hostPort") == port or (on_host and each.get("containerPort") == port) for each in ports)


def _workload(item: KubernetesObject) -> str:
    """Return kind, namespace and name of a workload; for a pod of a controller, those of the controller."""
    metadata = item["metadata"]
    owner = next(iter(metadata.get("ownerReferences") or ()), {"kind": item["kind"], "name": metadata["name"]})
    return f"{owner['kind']} {metadata['namespace']}/{owner['name']}"


# --- selectors, priorities, webhooks --------------------------------------------------------------------------------


def _selector_problems(settings: StackSettings, state: ClusterState) -> Iterator[Problem]:
    for item in state.prometheuses:
        specification = item.get("spec") or {}
        selectors = [specification.get(f"{kind}Selector") or {} for kind in ("rule", "serviceMonitor", "probe")]
        if item["metadata"]["namespace"] != settings.namespace and any(
            selector.get("matchLabels") == dict(settings.selector) for selector in selectors
        ):
            yield Problem(
                "monitoring:prometheus.selector",
                f"{settings.prometheus.selector}, which Prometheus {qualified(item)} selects too",
                "a value that no other Prometheus selects: each would load the rules and monitors of both",
            )


def _priority_problems(settings: StackSettings, state: ClusterState) -> Iterator[Problem]:
    wanted = settings.scheduling.priority_class
    names = [each["metadata"]["name"] for each in state.priority_classes]
    # Every cluster has two classes of its own, so an empty list was not read.
    if wanted is not None and names and wanted not in names:
        found = f"{wanted}, which the cluster does not have"
        yield Problem("monitoring:scheduling.priorityClass", found, suggestion(wanted, names))


def _webhook_notes(state: ClusterState) -> Iterator[str]:
    for item in state.webhooks:
        if any(_fails_closed(webhook) for webhook in item.get("webhooks") or ()):
            yield (
                f"{item['kind']} {item['metadata']['name']} ({describe_owner(item)}) checks rules and routes of all "
                "namespaces and refuses them while it does not respond"
            )


def _fails_closed(webhook: Mapping[str, Any]) -> bool:
    groups = {group for rule in webhook.get("rules") or () for group in rule.get("apiGroups") or ()}
    return CRD_GROUP in groups and webhook.get("failurePolicy", "Fail") == "Fail"


def _pod_spec(item: KubernetesObject) -> Mapping[str, Any]:
    specification: Mapping[str, Any] = item.get("spec") or {}
    if item["kind"] == "Pod":
        return specification
    return (specification.get("template") or {}).get("spec") or {}
