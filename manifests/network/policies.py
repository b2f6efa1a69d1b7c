"""Specs of network policies, which allow only the flows of a stack, at both ends."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from manifests.network.flows import Component, Flow, Peer, Port

DEFAULT_DENY: Final = "default-deny"
_BOTH: Final = ("Ingress", "Egress")


def default_deny_spec() -> dict[str, Any]:
    """Return the `spec` of a policy that denies all traffic of its namespace's pods."""
    return {"podSelector": {}, "policyTypes": list(_BOTH)}


def policy_specs(flows: Sequence[Flow]) -> dict[str, dict[str, Any]]:
    """Return the `spec` of each policy by name: default deny, and one per component.

    One policy per component, not per flow, so that one object shows all connections of a pod.
    """
    ends = (end for flow in flows for end in (flow.source, flow.destination))
    present = {end.name: end for end in ends if isinstance(end, Component)}
    return {DEFAULT_DENY: default_deny_spec()} | {name: _component_spec(end, flows) for name, end in present.items()}


def _component_spec(component: Component, flows: Iterable[Flow]) -> dict[str, Any]:
    ingress = [_rule("from", flow.source, flow.ports) for flow in flows if flow.destination == component]
    egress = [_rule("to", flow.destination, flow.ports) for flow in flows if flow.source == component]
    return {
        "podSelector": {"matchLabels": dict(component.labels)},
        "policyTypes": list(_BOTH),
        "ingress": ingress,
        "egress": egress,
    }


def _rule(direction: str, peer: Peer, ports: Iterable[Port]) -> dict[str, Any]:
    # Without `from` or `to`, a rule allows any address. An ipBlock of all addresses excludes nodes in some plugins.
    peers: Mapping[str, Any] = {direction: [dict(peer.selector)]} if peer.selector is not None else {}
    return {**peers, "ports": [_port(port) for port in ports]}


def _port(port: Port) -> dict[str, Any]:
    number = {} if port.number is None else {"port": port.number}
    return {"protocol": port.protocol, **number}
