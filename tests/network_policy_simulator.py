"""Simulator of a network plugin, which decides whether network policies allow a connection between pods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

# A peer that no selector matches: a node, the API server, another machine, a pod in its node's network.
OUTSIDE: Final = None


class Direction(NamedTuple):
    """The fields of a policy for one direction of a connection."""

    type: str
    rules: str
    peers: str


EGRESS: Final = Direction("Egress", "egress", "to")
INGRESS: Final = Direction("Ingress", "ingress", "from")


@dataclass(frozen=True, kw_only=True)
class Pod:
    """A pod with its labels; its namespace has the label with its name in addition to `namespace_labels`."""

    namespace: str
    labels: Mapping[str, str]
    namespace_labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A NetworkPolicy: its namespace and its `spec`."""

    namespace: str
    spec: Mapping[str, Any]

    def selects(self, pod: Pod) -> bool:
        """Return whether the policy applies to a pod."""
        require_known_fields(self.spec, "podSelector", "policyTypes", "ingress", "egress")
        return self.namespace == pod.namespace and matches(self.spec["podSelector"], pod.labels)


def allowed(
    policies: Sequence[Policy], source: Pod | None, destination: Pod | None, port: int, protocol: str = "TCP"
) -> bool:
    """Return whether both ends allow the connection; ValueError for a policy with an unsupported field."""
    is_egress_allowed = direction_allowed(policies, EGRESS, source, destination, port, protocol)
    return is_egress_allowed and direction_allowed(policies, INGRESS, destination, source, port, protocol)


def direction_allowed(
    policies: Sequence[Policy], direction: Direction, pod: Pod | None, other: Pod | None, port: int, protocol: str
) -> bool:
    if pod is None:
        return True
    selecting = [policy for policy in policies if direction.type in policy.spec["policyTypes"] and policy.selects(pod)]
    # A pod that no policy selects is not restricted.
    return not selecting or any(
        require_known_fields(rule, direction.peers, "ports")
        and matches_port(rule.get("ports") or (), port, protocol)
        and matches_peer(rule.get(direction.peers) or (), other, policy.namespace)
        for policy in selecting
        for rule in policy.spec.get(direction.rules) or ()
    )


def matches_port(ports: Sequence[Mapping[str, Any]], port: int, protocol: str) -> bool:
    return not ports or any(
        require_known_fields(item, "port", "protocol")
        and (item.get("protocol", "TCP"), item.get("port", port)) == (protocol, port)
        for item in ports
    )


def matches_peer(peers: Sequence[Mapping[str, Any]], pod: Pod | None, policy_namespace: str) -> bool:
    for peer in peers:
        require_known_fields(peer, "podSelector", "namespaceSelector")
    return not peers or any(
        pod is not None
        and in_namespace(peer.get("namespaceSelector"), pod, policy_namespace)
        and matches(peer.get("podSelector") or {}, pod.labels)
        for peer in peers
    )


def in_namespace(selector: Mapping[str, Any] | None, pod: Pod, policy_namespace: str) -> bool:
    if selector is None:
        return pod.namespace == policy_namespace
    return matches(selector, {**pod.namespace_labels, "kubernetes.io/metadata.name": pod.namespace})


def matches(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    required = selector.get("matchLabels") or {}
    require_known_fields(selector, "matchLabels")
    return all(labels.get(key) == value for key, value in required.items())


def require_known_fields(mapping: Mapping[str, Any], *fields: str) -> bool:
    """Return True; raise ValueError for a field that the simulator does not support."""
    if unknown := set(mapping) - set(fields):
        raise ValueError(f"unsupported in a network policy: {', '.join(sorted(unknown))}")
    return True
