"""Network policies of a namespace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
from pulumi_kubernetes import meta, networking

TOKEN: Final = "monitoring:index:NetworkPolicies"


@dataclass(frozen=True, kw_only=True)
class NetworkPoliciesArgs:
    """Arguments of the network policies.

    Attributes:
        namespace: Namespace whose pods they select.
        specs: `spec` of each policy by name.
        depends_on: Resources that must exist first.
    """

    namespace: str
    specs: Mapping[str, Any]
    depends_on: Sequence[pulumi.Resource] = ()


class NetworkPolicies(pulumi.ComponentResource):
    """One policy per component, so that a diff shows only changed components."""

    def __init__(self, name: str, args: NetworkPoliciesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create the policies."""
        super().__init__(TOKEN, name, None, opts)
        for policy, spec in args.specs.items():
            networking.v1.NetworkPolicy(
                f"{name}-{policy}",
                metadata=meta.v1.ObjectMetaArgs(name=policy, namespace=args.namespace),
                spec=spec,
                opts=pulumi.ResourceOptions(parent=self, depends_on=args.depends_on),
            )
        self.register_outputs({})
