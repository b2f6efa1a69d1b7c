"""Roles of the operator: what it may read and write, and where."""

from __future__ import annotations

from typing import Any, Final

from common.labels import READS_SECRETS
from manifests.operator_roles import OperatorRole, operator_roles
from settings.loader import RawConfig, build_settings, load_sections
from tools.mocked_program import configuration

READ: Final = {"get", "list", "watch"}
EVENTS: Final = ("events.k8s.io", "events")
# All that the operator may change in its own namespace.
WRITABLE: Final = {
    "alertmanagers/status",
    "alertmanagers/finalizers",
    "prometheuses/status",
    "prometheuses/finalizers",
    "statefulsets",
    "configmaps",
    "secrets",
    "services",
    "services/finalizers",
    "endpointslices",
}


def roles(**operator: Any) -> dict[str | None, OperatorRole]:
    """Return the roles of stack `prod` by namespace."""
    base = configuration("prod", "upstream")
    raw = RawConfig(stack="prod", values={**base.values, "operator": operator}, secrets=base.secrets)
    return {each.namespace: each for each in operator_roles(build_settings(load_sections(raw)))}


def granted(role: OperatorRole) -> set[tuple[str, str, str]]:
    """Return group, resource and verb of everything that a role grants."""
    return {
        (group, resource, verb)
        for rule in role.rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def test_no_role_has_a_wildcard() -> None:
    found = roles(secretNamespaces=["search"])
    assert set(found) == {None, "monitoring", "search"}
    assert [each.name for each in found.values() if any("*" in grant for grant in granted(each))] == []


def test_cluster_wide_the_operator_only_reads_and_emits_events_but_reads_no_secrets() -> None:
    found = granted(roles()[None])
    assert {grant for grant in found if grant[2] not in READ} == {(*EVENTS, "create"), (*EVENTS, "patch")}
    assert {"secrets", "configmaps", "pods"} & {resource for _, resource, _ in found} == set()


def test_the_operator_writes_only_in_its_own_namespace() -> None:
    found = roles(secretNamespaces=["search"])
    writes = {
        name: {resource for _, resource, verb in granted(role) if verb not in READ} for name, role in found.items()
    }
    assert writes == {None: {"events"}, "monitoring": WRITABLE, "search": set()}


def test_without_kubelets_the_operator_reads_no_nodes_and_writes_no_endpoints() -> None:
    found = roles(clusterTargets={"kubelet": False})
    resources = {resource for role in found.values() for _, resource, _ in granted(role)}
    assert {"nodes", "endpointslices"} & resources == set()


def test_secrets_of_another_team_are_readable_only_in_the_namespaces_of_the_settings() -> None:
    assert set(roles()) == {None, "monitoring"}
    role = roles(secretNamespaces=["search"])["search"]
    assert READS_SECRETS in role.annotations
    assert {verb for _, resource, verb in granted(role) if resource == "secrets"} == READ


def test_without_an_operator_of_its_own_the_stack_has_no_role_for_it() -> None:
    assert roles(enabled=False) == {}
