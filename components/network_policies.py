"""Network policies: which connections the pods of a namespace may open and take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
from pulumi_kubernetes import meta, networking

TOKEN: Final = "monitoring:index:NetworkPolicies"


@dataclass(frozen=True, kw_only=True)
class NetworkPoliciesArgs:
    """The namespace, the `spec` of each policy by its name, and what must exist first."""

    namespace: str
    specifications: Mapping[str, Any]
    depends_on: Sequence[pulumi.Resource] = ()


class NetworkPolicies(pulumi.ComponentResource):
    """One policy for each component, so that a changed connection shows as a change of its component only."""

    def __init__(self, name: str, args: NetworkPoliciesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create the policies."""
        super().__init__(TOKEN, name, None, opts)
        for policy, specification in args.specifications.items():
            networking.v1.NetworkPolicy(
                f"{name}-{policy}",
                metadata=meta.v1.ObjectMetaArgs(name=policy, namespace=args.namespace),
                spec=specification,
                opts=pulumi.ResourceOptions(parent=self, depends_on=args.depends_on),
            )
        self.register_outputs({})
