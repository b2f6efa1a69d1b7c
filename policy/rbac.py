"""Checks of RBAC roles and bindings: what is not on a list of allowed permissions is refused."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from common.labels import READS_SECRETS
from common.problems import Problem
from policy.model import Resource, problem
from policy.properties import at, items, mapping

_CLUSTER_ROLE: Final = "rbac.authorization.k8s.io:ClusterRole"
_ROLE: Final = "rbac.authorization.k8s.io:Role"
_CLUSTER_BINDING: Final = "rbac.authorization.k8s.io:ClusterRoleBinding"
_BINDING: Final = "rbac.authorization.k8s.io:RoleBinding"
_NAMESPACES: Final = ("core:Namespace", "core:NamespacePatch")

_READING: Final = ("get", "list", "watch")
_VERBS: Final = (*_READING, "create", "update", "patch", "delete")
# All others run commands in pods, connect to them, or issue tokens: exec, attach, portforward, proxy, token and so on.
_SUBRESOURCES: Final = ("status", "scale", "finalizers", "metrics")
# Writing here grants further permissions, directly or through the controllers that act on these objects.
_PRIVILEGED_GROUPS: Final = (
    "rbac.authorization.k8s.io",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "certificates.k8s.io",
)
_PRIVILEGED_RESOURCES: Final = ("serviceaccounts", "namespaces", "nodes", "persistentvolumes")
# Events only inform; whatever else a role changes, it changes in one namespace.
_WRITABLE_EVERYWHERE: Final = ("events",)
_URLS: Final = ("/metrics", "/metrics/cadvisor", "/metrics/probes", "/metrics/slis", "/healthz", "/livez", "/readyz")
_AGGREGATED: Final = "rbac.authorization.k8s.io/aggregate-to-"
# Roles that every cluster has. The others are found as roles that the stack does not create.
_BROAD: Final = ("cluster-admin", "admin", "edit", "view")


def has_no_wildcard(resource: Resource, environment: str) -> Iterator[Problem]:
    """Require groups, resources, verbs and addresses by name."""
    for path, rule in _rules(resource):
        for field in ("verbs", "resources", "apiGroups", "nonResourceURLs"):
            for value in items(rule.get(field)):
                if "*" in str(value):
                    yield problem(f"{path}.{field}", value, "explicit names")


def has_no_escalation(resource: Resource, environment: str) -> Iterator[Problem]:
    """Allow only verbs and subresources that neither run code, nor act as another account, nor grant permissions."""
    for path, rule in _rules(resource):
        verbs, groups = items(rule.get("verbs")), items(rule.get("apiGroups"))
        writes = [verb for verb in verbs if verb not in _READING]
        for verb in verbs:
            if verb not in (*_VERBS, "*"):
                yield problem(f"{path}.verbs", verb, ", ".join(_VERBS))
        for name in map(str, items(rule.get("resources"))):
            parent, _, subresource = name.partition("/")
            if subresource and subresource not in (*_SUBRESOURCES, "*"):
                yield problem(f"{path}.resources", name, f"no subresources but {', '.join(_SUBRESOURCES)}")
            if writes and not subresource and ("" in groups and parent in _PRIVILEGED_RESOURCES):
                yield problem(f"{path}.resources", f"{name} with {writes[0]}", "only get, list and watch")
        for group in groups:
            if writes and group in _PRIVILEGED_GROUPS:
                yield problem(f"{path}.apiGroups", f"{group} with {writes[0]}", "only get, list and watch")


def changes_one_namespace(resource: Resource, environment: str) -> Iterator[Problem]:
    """Allow a ClusterRole to change only events; other changes take a Role, which applies to one namespace."""
    if resource.kind != _CLUSTER_ROLE:
        return
    for path, rule in _rules(resource):
        writes = [verb for verb in items(rule.get("verbs")) if verb not in _READING]
        changed = [name for name in items(rule.get("resources")) if name not in _WRITABLE_EVERYWHERE]
        if writes and changed:
            yield problem(path, f"{writes[0]} {changed[0]} in every namespace", "a Role in the namespace that needs it")


def names_endpoints(resource: Resource, environment: str) -> Iterator[Problem]:
    """Allow only addresses of the API server with metrics and health."""
    for path, rule in _rules(resource):
        urls = items(rule.get("nonResourceURLs"))
        for url in urls:
            if url not in _URLS and "*" not in str(url):
                yield problem(f"{path}.nonResourceURLs", url, ", ".join(_URLS))
        if urls and list(items(rule.get("verbs"))) != ["get"]:
            yield problem(f"{path}.verbs", ", ".join(map(str, items(rule.get("verbs")))), "get for nonResourceURLs")


def is_not_aggregated(resource: Resource, environment: str) -> Iterator[Problem]:
    """Forbid roles that collect the rules of others, or add theirs to the roles of all users."""
    if resource.kind != _CLUSTER_ROLE:
        return
    if resource.properties.get("aggregationRule"):
        yield problem("aggregationRule", "rules of every role with a label", "rules of its own")
    for label in mapping(at(resource.properties, "metadata.labels")):
        if label.startswith(_AGGREGATED):
            yield problem("metadata.labels", label, "no label that adds its rules to another role")


def has_no_secret_access(resource: Resource, environment: str) -> Iterator[Problem]:
    """Forbid access to Secrets, except in one namespace and with a reason; a component's Secrets are mounted."""
    reason = mapping(at(resource.properties, "metadata.annotations")).get(READS_SECRETS)
    if resource.kind == _ROLE and reason:
        return
    for path, rule in _rules(resource):
        groups, resources = items(rule.get("apiGroups")), items(rule.get("resources"))
        if {"", "*"} & set(groups) and {"secrets", "*"} & set(resources):
            yield problem(f"{path}.resources", "secrets", f"no Secrets, or a Role with annotation {READS_SECRETS}")


def binds_no_broad_role(resource: Resource, environment: str) -> Iterator[Problem]:
    """Forbid bindings to the roles that every cluster has."""
    role = str(at(resource.properties, "roleRef.name"))
    if resource.kind in (_BINDING, _CLUSTER_BINDING) and (role in _BROAD or role.startswith("system:")):
        yield problem("roleRef.name", role, "a role with explicit permissions")


def binds_service_accounts(resource: Resource, environment: str) -> Iterator[Problem]:
    """Require named service accounts; a group may contain every account, also one without a login."""
    if resource.kind not in (_BINDING, _CLUSTER_BINDING):
        return
    subjects = items(resource.properties.get("subjects"))
    if not subjects:
        yield problem("subjects", None, "a service account of a component")
    for number, subject in enumerate(map(mapping, subjects)):
        kind, name = subject.get("kind"), subject.get("name")
        if kind != "ServiceAccount":
            yield problem(f"subjects[{number}]", f"{kind} {name}", "a service account of a component")
        elif not name or name == "default":
            yield problem(f"subjects[{number}].name", name, "a service account of a component, not the default")


def binds_own_roles(resources: Sequence[Resource]) -> Iterator[tuple[Resource, Problem]]:
    """Require that a binding refers to a role of the stack, and to accounts in the stack's own namespaces."""
    roles = {
        (each.kind.rpartition(":")[2], at(each.properties, "metadata.namespace"), at(each.properties, "metadata.name"))
        for each in resources
        if each.kind in (_ROLE, _CLUSTER_ROLE)
    }
    namespaces = {at(each.properties, "metadata.name") for each in resources if each.kind in _NAMESPACES}
    for resource in resources:
        if resource.kind not in (_BINDING, _CLUSTER_BINDING):
            continue
        reference = mapping(resource.properties.get("roleRef"))
        kind, name = reference.get("kind"), reference.get("name")
        place = at(resource.properties, "metadata.namespace") if kind == "Role" else None
        if (kind, place, name) not in roles:
            yield resource, problem("roleRef.name", name, "a role that the stack creates")
        for number, subject in enumerate(map(mapping, items(resource.properties.get("subjects")))):
            found = subject.get("namespace")
            if subject.get("kind") == "ServiceAccount" and found not in namespaces:
                yield resource, problem(f"subjects[{number}].namespace", found, "a namespace of the stack")


def _rules(resource: Resource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if resource.kind in (_ROLE, _CLUSTER_ROLE):
        for number, rule in enumerate(items(resource.properties.get("rules"))):
            yield f"rules[{number}]", mapping(rule)
