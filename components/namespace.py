"""Namespace of the stack."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import pulumi
from pulumi_kubernetes import core, meta

from common.labels import ADOPTED, ownership_labels
from components._adoption import ADOPT_EXISTING

TOKEN: Final = "monitoring:index:Namespace"


def create_namespace(
    name: str,
    namespace: str,
    pod_security: Literal["restricted", "privileged"],
    *,
    adopted: bool,
    annotations: Mapping[str, str] | None = None,
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """Create a namespace that enforces a pod security standard, or lock one that existed before the stack (`adopted`).

    The labels of an adopted namespace are a patch, which `pulumi destroy` takes back. The namespace itself stays in any
    case: deleting it would delete what others have put into it since the last `up`.
    """
    labels = {
        **ownership_labels(pulumi.get_stack()),
        "pod-security.kubernetes.io/enforce": pod_security,
        "pod-security.kubernetes.io/warn": pod_security,
    }
    # The forced patch, because an earlier stack may have left the namespace, with another field manager.
    annotations = {**ADOPT_EXISTING, **(annotations or {})}
    created = core.v1.Namespace(
        name,
        metadata=meta.v1.ObjectMetaArgs(
            name=namespace,
            labels=None if adopted else labels,
            annotations={**annotations, **ADOPTED} if adopted else annotations,
        ),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(retain_on_delete=True)),
    )
    if not adopted:
        return [created]
    locks = core.v1.NamespacePatch(
        f"{name}-locks",
        metadata=meta.v1.ObjectMetaPatchArgs(name=namespace, labels=labels, annotations=annotations),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[created])),
    )
    return [created, locks]


@dataclass(frozen=True, kw_only=True)
class NamespaceArgs:
    """Arguments of the namespace.

    Attributes:
        name: Name in the cluster.
        adopted: Whether it existed before the stack.
    """

    name: str
    adopted: bool


class Namespace(pulumi.ComponentResource):
    """A namespace that enforces the restricted pod security standard."""

    def __init__(self, name: str, args: NamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create the namespace, or adopt the one that an earlier stack or another team has left."""
        super().__init__(TOKEN, name, None, opts)
        # Every pod of the stack meets this standard except the node exporter's, which has its own namespace.
        create_namespace(
            f"{name}-namespace",
            args.name,
            "restricted",
            adopted=args.adopted,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"name": args.name})
