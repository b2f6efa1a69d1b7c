"""Decides, as a network plugin does, whether network policies let one pod connect to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

OUTSIDE = None
"""What no selector means: a node, the API server, a machine elsewhere, a pod on its node's own network."""


class Direction(NamedTuple):
    """The words of a policy for connections that are opened, or taken."""

    type: str
    rules: str
    peers: str


OPENED = Direction("Egress", "egress", "to")
TAKEN = Direction("Ingress", "ingress", "from")


@dataclass(frozen=True, kw_only=True)
class Pod:
    """A pod as policies see it; its namespace has the label with its name besides those given."""

    namespace: str
    labels: Mapping[str, str]
    namespace_labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A NetworkPolicy: its namespace and its `spec`."""

    namespace: str
    spec: Mapping[str, Any]

    def selects(self, pod: Pod) -> bool:
        """Whether it is about a pod."""
        known(self.spec, "podSelector", "policyTypes", "ingress", "egress")
        return self.namespace == pod.namespace and matches(self.spec["podSelector"], pod.labels)


def allowed(
    policies: Sequence[Policy], source: Pod | None, destination: Pod | None, port: int, protocol: str = "TCP"
) -> bool:
    """Whether both ends allow the connection; ValueError for a policy with a field that is not understood here."""
    opened = end_allows(policies, OPENED, source, destination, port, protocol)
    return opened and end_allows(policies, TAKEN, destination, source, port, protocol)


def end_allows(
    policies: Sequence[Policy], direction: Direction, pod: Pod | None, other: Pod | None, port: int, protocol: str
) -> bool:
    if pod is None:
        return True
    about = [policy for policy in policies if direction.type in policy.spec["policyTypes"] and policy.selects(pod)]
    # What no policy is about may do what it likes.
    return not about or any(
        known(rule, direction.peers, "ports")
        and covers(rule.get("ports") or (), port, protocol)
        and means(rule.get(direction.peers) or (), other, policy.namespace)
        for policy in about
        for rule in policy.spec.get(direction.rules) or ()
    )


def covers(ports: Sequence[Mapping[str, Any]], port: int, protocol: str) -> bool:
    return not ports or any(
        known(each, "port", "protocol") and (each.get("protocol", "TCP"), each.get("port", port)) == (protocol, port)
        for each in ports
    )


def means(peers: Sequence[Mapping[str, Any]], pod: Pod | None, own: str) -> bool:
    for peer in peers:
        known(peer, "podSelector", "namespaceSelector")
    return not peers or any(
        pod is not None
        and in_namespace(peer.get("namespaceSelector"), pod, own)
        and matches(peer.get("podSelector") or {}, pod.labels)
        for peer in peers
    )


def in_namespace(selector: Mapping[str, Any] | None, pod: Pod, own: str) -> bool:
    if selector is None:
        return pod.namespace == own
    return matches(selector, {**pod.namespace_labels, "kubernetes.io/metadata.name": pod.namespace})


def matches(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    wanted = selector.get("matchLabels") or {}
    return known(selector, "matchLabels") and all(labels.get(key) == value for key, value in wanted.items())


def known(found: Mapping[str, Any], *fields: str) -> bool:
    if unknown := set(found) - set(fields):
        raise ValueError(f"not understood in a network policy: {', '.join(sorted(unknown))}")
    return True
