"""Node exporter: CPU, memory, disks and network of every node."""

from typing import Final

import pulumi
from pulumi_kubernetes import core, meta

from components._exporter import ExporterArgs
from components._helm_release import helm_release
from components.namespace import namespace_labels
from components.network_policies import NetworkPolicies, NetworkPoliciesArgs
from manifests.exporters import node_exporter_values
from manifests.network.policies import DEFAULT_DENY, default_deny_spec
from settings.fields import NODE_EXPORTER_SUFFIX

TOKEN: Final = "monitoring:index:NodeExporter"


class NodeExporter(pulumi.ComponentResource):
    """A pod on every node.

    It has its own namespace, because that of the stack forbids the host access which it requires.
    """

    def __init__(self, name: str, args: ExporterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create the namespace and release the chart into it."""
        super().__init__(TOKEN, name, None, opts)
        namespace_name = f"{args.settings.namespace}{NODE_EXPORTER_SUFFIX}"
        namespace = core.v1.Namespace(
            f"{name}-namespace",
            metadata=meta.v1.ObjectMetaArgs(
                name=namespace_name,
                labels=namespace_labels("privileged"),
                annotations={"monitoring/privileged-because": "the node exporter reads the node's own file systems"},
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        if args.settings.network.policies:
            # For any other pod; the exporter itself is in the node's network, which no policy limits.
            NetworkPolicies(
                f"{name}-network-policies",
                NetworkPoliciesArgs(
                    namespace=namespace_name, specs={DEFAULT_DENY: default_deny_spec()}, depends_on=[namespace]
                ),
                pulumi.ResourceOptions(parent=self),
            )
        helm_release(
            f"{name}-release",
            args.chart,
            namespace_name,
            node_exporter_values(args.settings.node_exporter, args.priority_class),
            pulumi.ResourceOptions(parent=self, depends_on=[*args.depends_on, namespace]),
        )
        self.register_outputs({})
