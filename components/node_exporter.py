"""Node exporter: CPU, memory, disks and network of every node."""

from typing import Final

import pulumi

from components._exporter import ExporterArgs
from components._helm_release import helm_release
from components.namespace import create_namespace
from components.network_policies import NetworkPolicies, NetworkPoliciesArgs
from manifests.exporters import node_exporter_values
from manifests.network.policies import DEFAULT_DENY, default_deny_spec

TOKEN: Final = "monitoring:index:NodeExporter"


class NodeExporter(pulumi.ComponentResource):
    """A pod on every node.

    It has its own namespace, because that of the stack forbids the host access which it requires.
    """

    def __init__(self, name: str, args: ExporterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create the namespace and release the chart into it."""
        super().__init__(TOKEN, name, None, opts)
        namespace_name = args.settings.node_exporter_namespace
        namespace = create_namespace(
            f"{name}-namespace",
            namespace_name,
            "privileged",
            adopted=namespace_name in args.adopted_namespaces,
            annotations={"monitoring/privileged-because": "the node exporter reads the node's own file systems"},
            opts=pulumi.ResourceOptions(parent=self),
        )
        if args.settings.network.policies:
            # For any other pod; the exporter itself is in the node's network, which no policy limits.
            NetworkPolicies(
                f"{name}-network-policies",
                NetworkPoliciesArgs(
                    namespace=namespace_name, specs={DEFAULT_DENY: default_deny_spec()}, depends_on=namespace
                ),
                pulumi.ResourceOptions(parent=self),
            )
        helm_release(
            f"{name}-release",
            args.chart,
            namespace_name,
            node_exporter_values(
                args.settings.node_exporter,
                args.priority_class,
                selector=args.settings.selector,
                limits=args.settings.prometheus.scrape_limits.platform,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=[*args.depends_on, *namespace]),
        )
        self.register_outputs({})
