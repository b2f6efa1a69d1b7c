"""Network policies from flows: nothing is allowed but what a flow names, at both of its ends."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from manifests.network.flows import Component, Flow, Peer, Port

DEFAULT_DENY: Final = "default-deny"
_BOTH: Final = ("Ingress", "Egress")


def default_deny_spec() -> dict[str, Any]:
    """The `spec` of a policy that closes every pod of its namespace in both directions."""
    return {"podSelector": {}, "policyTypes": list(_BOTH)}


def policy_specs(flows: Sequence[Flow]) -> dict[str, dict[str, Any]]:
    """The `spec` of each policy of the stack's namespace by its name: one that denies, and one for each component.

    A policy for each component, not for each flow: what a pod may do stands in one object.
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
    # Without `from` or `to` a rule means any address. A block of all addresses would not: some plugins leave nodes out.
    selected: Mapping[str, Any] = {direction: [dict(peer.selector)]} if peer.selector is not None else {}
    return {**selected, "ports": [_port(port) for port in ports]}


def _port(port: Port) -> dict[str, Any]:
    number = {} if port.number is None else {"port": port.number}
    return {"protocol": port.protocol, **number}
