"""Namespace of the stack."""

from dataclasses import dataclass
from typing import Final, Literal

import pulumi
from pulumi_kubernetes import core, meta

from components._volume_claim import ADOPT_EXISTING

TOKEN: Final = "monitoring:index:Namespace"


def namespace_labels(pod_security: Literal["restricted", "privileged"]) -> dict[str, str]:
    """Return the labels of a namespace that enforces a pod security standard."""
    return {
        "app.kubernetes.io/part-of": "monitoring",
        "pod-security.kubernetes.io/enforce": pod_security,
        "pod-security.kubernetes.io/warn": pod_security,
    }


@dataclass(frozen=True, kw_only=True)
class NamespaceArgs:
    """Arguments of the namespace.

    Attributes:
        name: Name in the cluster.
        retain_data: Whether it outlives the stack; deleting it would delete its volume claims.
    """

    name: str
    retain_data: bool


class Namespace(pulumi.ComponentResource):
    """A namespace that enforces the restricted pod security standard."""

    def __init__(self, name: str, args: NamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create the namespace, or adopt the one that an earlier stack has left."""
        super().__init__(TOKEN, name, None, opts)
        core.v1.Namespace(
            f"{name}-namespace",
            # Every pod of the stack meets this standard except the node exporter's, which has its own namespace.
            metadata=meta.v1.ObjectMetaArgs(
                name=args.name, labels=namespace_labels("restricted"), annotations=ADOPT_EXISTING
            ),
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=args.retain_data),
        )
        self.register_outputs({"name": args.name})
