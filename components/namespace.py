"""The namespace that the stack lives in."""

from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes import core, meta

TOKEN: Final = "monitoring:index:Namespace"

# The strictest pod security standard. Every pod of the stack meets it; a node exporter cannot and lives elsewhere.
_LABELS: Final = {
    "app.kubernetes.io/part-of": "monitoring",
    "pod-security.kubernetes.io/enforce": "restricted",
    "pod-security.kubernetes.io/warn": "restricted",
}


@dataclass(frozen=True, kw_only=True)
class NamespaceArgs:
    """The namespace's name in the cluster."""

    name: str


class Namespace(pulumi.ComponentResource):
    """A namespace whose pods may do as little as possible."""

    def __init__(self, name: str, args: NamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create the namespace; deleting it deletes all that is left in it, volume claims too."""
        super().__init__(TOKEN, name, None, opts)
        core.v1.Namespace(
            f"{name}-namespace",
            metadata=meta.v1.ObjectMetaArgs(name=args.name, labels=_LABELS),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"name": args.name})
