"""Checks of network policies."""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from common.problems import Problem
from policy.environments import environment_of, is_production
from policy.model import Resource, problem
from policy.properties import at, items, mapping

_POLICY: Final = "networking.k8s.io:NetworkPolicy"
_DIRECTIONS: Final = (("ingress", "from"), ("egress", "to"))
# The addresses of the Internet, by version. Half of them count as all.
_INTERNET: Final = {4: ipaddress.ip_network("0.0.0.0/0"), 6: ipaddress.ip_network("2000::/3")}
_SHARE: Final = 0.5
_NAMESPACE_NAME: Final = "kubernetes.io/metadata.name"

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def has_no_open_rule(resource: Resource, environment: str) -> Iterator[Problem]:
    """Forbid rules without peers and ports, which allow all traffic, and address blocks that together do."""
    if resource.kind != _POLICY:
        return
    for field, peers_field in _DIRECTIONS:
        allowed = f"a rule with ports or `{peers_field}`"
        narrow: list[_Network] = []
        for number, rule in enumerate(map(mapping, items(at(resource.properties, f"spec.{field}")))):
            if _has_ports(rule):
                continue
            peers = [mapping(peer) for peer in items(rule.get(peers_field))]
            blocks = [block for peer in peers for block in _addresses(mapping(peer.get("ipBlock")))]
            if not peers or any(map(_selects_everything, peers)) or _cover_the_internet(blocks):
                yield problem(f"spec.{field}[{number}]", "every address and every port", allowed)
            else:
                narrow += blocks
        if _cover_the_internet(narrow):
            yield problem(f"spec.{field}", "rules that together allow every address and every port", allowed)


def names_ports(resource: Resource, environment: str) -> Iterator[Problem]:
    """Forbid ranges, which also allow ports that nothing of the stack uses."""
    if resource.kind != _POLICY:
        return
    for field, _ in _DIRECTIONS:
        for number, rule in enumerate(map(mapping, items(at(resource.properties, f"spec.{field}")))):
            for index, port in enumerate(map(mapping, items(rule.get("ports")))):
                place = f"spec.{field}[{number}].ports[{index}]"
                if port.get("endPort") is not None:
                    yield problem(f"{place}.endPort", port["endPort"], "each port by itself")


def denies_by_default(resources: Sequence[Resource]) -> Iterator[tuple[Resource, Problem]]:
    """Require a default-deny policy in each namespace of production."""
    denied = {at(each.properties, "metadata.namespace") for each in resources if _denies(each)}
    for resource in resources:
        if resource.kind != "core:Namespace" or not is_production(environment_of(resource.urn)):
            continue
        if at(resource.properties, "metadata.name") not in denied:
            yield resource, problem("NetworkPolicy", "none that denies by default", "one for all pods, without rules")


def _has_ports(rule: Mapping[str, Any]) -> bool:
    """Return whether a rule is limited to ports; an entry with only a protocol allows all of them."""
    ports = [mapping(port) for port in items(rule.get("ports"))]
    return bool(ports) and all(port.get("port") is not None for port in ports)


def _selects_everything(peer: Mapping[str, Any]) -> bool:
    """Return whether a peer is in every namespace, by an empty selector or one that excludes little.

    Labels of pods do not narrow it: in their own namespace, others label pods as they like.
    """
    if not peer:
        return True
    selector = peer.get("namespaceSelector")
    if selector is None:
        return False
    expressions = [mapping(each) for each in items(at(selector, "matchExpressions"))]
    return not at(selector, "matchLabels") and all(map(_is_broad, expressions))


def _is_broad(expression: Mapping[str, Any]) -> bool:
    operator, key = expression.get("operator"), expression.get("key")
    return operator in ("NotIn", "DoesNotExist") or (operator == "Exists" and key == _NAMESPACE_NAME)


def _addresses(block: Mapping[str, Any]) -> list[_Network]:
    """Return the networks of an ipBlock without its exceptions; empty if it is invalid."""
    try:
        found = [ipaddress.ip_network(str(block["cidr"]), strict=False)]
        for text in items(block.get("except")):
            excluded = ipaddress.ip_network(str(text), strict=False)
            found = [part for network in found for part in _without(network, excluded)]
    except (KeyError, ValueError, TypeError):
        return []
    return found


def _without(network: _Network, excluded: _Network) -> Iterable[_Network]:
    if not network.overlaps(excluded):
        return [network]
    return [] if network.subnet_of(excluded) else network.address_exclude(excluded)  # type: ignore[arg-type]


def _cover_the_internet(networks: Sequence[_Network]) -> bool:
    for version, internet in _INTERNET.items():
        parts = [
            internet if internet.subnet_of(each) else each  # type: ignore[arg-type]
            for each in networks
            if each.version == version and each.overlaps(internet)
        ]
        size = sum(each.num_addresses for each in ipaddress.collapse_addresses(parts))  # type: ignore[type-var,misc]
        if size >= internet.num_addresses * _SHARE:
            return True
    return False


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
