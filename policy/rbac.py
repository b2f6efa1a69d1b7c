"""Checks of RBAC roles and bindings."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from common.problems import Problem
from policy.model import Resource, problem
from policy.properties import at, items, mapping

_ROLES: Final = ("rbac.authorization.k8s.io:ClusterRole", "rbac.authorization.k8s.io:Role")
_BINDINGS: Final = ("rbac.authorization.k8s.io:ClusterRoleBinding", "rbac.authorization.k8s.io:RoleBinding")
_ESCALATING: Final = ("escalate", "bind", "impersonate")
_BROAD: Final = ("cluster-admin", "admin", "edit")


def has_no_wildcard(resource: Resource, environment: str) -> Iterator[Problem]:
    """Require verbs and resources by name, without verbs that grant further permissions."""
    for path, rule in _rules(resource):
        for field in ("verbs", "resources", "apiGroups"):
            if "*" in items(rule.get(field)):
                yield problem(f"{path}.{field}", "*", "explicit names")
        for verb in items(rule.get("verbs")):
            if verb in _ESCALATING:
                yield problem(f"{path}.verbs", verb, "no verb that grants further permissions")


def has_no_secret_access(resource: Resource, environment: str) -> Iterator[Problem]:
    """Forbid access to Secrets; a component's Secrets are mounted."""
    for path, rule in _rules(resource):
        groups, resources = items(rule.get("apiGroups")), items(rule.get("resources"))
        if {"", "*"} & set(groups) and {"secrets", "*"} & set(resources):
            yield problem(f"{path}.resources", "secrets", "no Secrets; mount them instead")


def binds_no_broad_role(resource: Resource, environment: str) -> Iterator[Problem]:
    """Forbid bindings to the cluster's broad roles."""
    if resource.kind in _BINDINGS and (role := at(resource.properties, "roleRef.name")) in _BROAD:
        yield problem("roleRef.name", role, "a role with explicit permissions")


def _rules(resource: Resource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if resource.kind in _ROLES:
        for number, rule in enumerate(items(resource.properties.get("rules"))):
            yield f"rules[{number}]", mapping(rule)
