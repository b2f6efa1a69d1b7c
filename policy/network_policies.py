"""Checks of network policies."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from common.problems import Problem
from policy.environments import environment_of, is_production
from policy.model import Resource, problem
from policy.properties import at, items, mapping

_POLICY: Final = "networking.k8s.io:NetworkPolicy"
_EVERYWHERE: Final = ("0.0.0.0/0", "::/0")
_DIRECTIONS: Final = (("ingress", "from"), ("egress", "to"))


def has_no_open_rule(resource: Resource, environment: str) -> Iterator[Problem]:
    """Forbid rules without peers and ports, which allow all traffic."""
    if resource.kind != _POLICY:
        return
    for field, peers in _DIRECTIONS:
        for number, rule in enumerate(items(at(resource.properties, f"spec.{field}"))):
            if not items(mapping(rule).get("ports")) and _is_unrestricted(items(mapping(rule).get(peers))):
                yield problem(
                    f"spec.{field}[{number}]", "every address and every port", f"a rule with ports or `{peers}`"
                )


def denies_by_default(resources: Sequence[Resource]) -> Iterator[tuple[Resource, Problem]]:
    """Require a default-deny policy in each namespace of production."""
    denied = {at(each.properties, "metadata.namespace") for each in resources if _denies(each)}
    for resource in resources:
        if resource.kind != "core:Namespace" or not is_production(environment_of(resource.urn)):
            continue
        if at(resource.properties, "metadata.name") not in denied:
            yield resource, problem("NetworkPolicy", "none that denies by default", "one for all pods, without rules")


def _is_unrestricted(peers: Sequence[Any]) -> bool:
    return not peers or any(
        peer == {} or at(peer, "namespaceSelector") == {} or at(peer, "ipBlock.cidr") in _EVERYWHERE
        for peer in map(mapping, peers)
    )


def _denies(resource: Resource) -> bool:
    if resource.kind != _POLICY:
        return False
    specification: Mapping[str, Any] = mapping(resource.properties.get("spec"))
    rules = [rule for field, _ in _DIRECTIONS for rule in items(specification.get(field))]
    return (
        not mapping(specification.get("podSelector"))
        and {"Ingress", "Egress"} <= set(items(specification.get("policyTypes")))
        and not rules
    )
