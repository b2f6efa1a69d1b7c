"""The namespace that the stack lives in."""

from dataclasses import dataclass
from typing import Final, Literal

import pulumi
from pulumi_kubernetes import core, meta

from components._volume_claim import TAKEN_OVER

TOKEN: Final = "monitoring:index:Namespace"


def namespace_labels(pod_security: Literal["restricted", "privileged"]) -> dict[str, str]:
    """The labels of a namespace of the stack, with the pod security standard that its pods have to meet."""
    return {
        "app.kubernetes.io/part-of": "monitoring",
        "pod-security.kubernetes.io/enforce": pod_security,
        "pod-security.kubernetes.io/warn": pod_security,
    }


@dataclass(frozen=True, kw_only=True)
class NamespaceArgs:
    """The namespace's name in the cluster, and whether it outlives the stack: with it go the claims in it."""

    name: str
    retain_data: bool


class Namespace(pulumi.ComponentResource):
    """A namespace whose pods may do as little as possible."""

    def __init__(self, name: str, args: NamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create the namespace, or take over one that an earlier stack left."""
        super().__init__(TOKEN, name, None, opts)
        core.v1.Namespace(
            f"{name}-namespace",
            # The strictest standard. Every pod of the stack meets it but the node exporter's, which lives elsewhere.
            metadata=meta.v1.ObjectMetaArgs(
                name=args.name, labels=namespace_labels("restricted"), annotations=TAKEN_OVER
            ),
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=args.retain_data),
        )
        self.register_outputs({"name": args.name})
