"""The node exporter: processor, memory, disks and network of every node."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes import core, meta

from components._helm_release import helm_release
from components.namespace import namespace_labels
from components.network_policies import NetworkPolicies, NetworkPoliciesArgs
from manifests.charts import ChartSource
from manifests.exporters import node_exporter_values
from manifests.network.policies import DENY, deny_specification
from settings import exporters
from settings.fields import NODE_EXPORTER_SUFFIX

TOKEN: Final = "monitoring:index:NodeExporter"


@dataclass(frozen=True, kw_only=True)
class NodeExporterArgs:
    """The chart, the stack's namespace, the exporter's settings, its priority class, and what must exist first.

    `deny_by_default` says whether its own namespace denies every connection that is not the node's.
    """

    chart: ChartSource
    namespace: str
    node_exporter: exporters.NodeExporterSettings
    priority_class: str
    deny_by_default: bool
    depends_on: Sequence[pulumi.Resource] = ()


class NodeExporter(pulumi.ComponentResource):
    """A pod on every node that reads the node's files, in a namespace where pods may do that and nothing else is."""

    def __init__(self, name: str, args: NodeExporterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create the namespace and release the chart into it."""
        super().__init__(TOKEN, name, None, opts)
        own = f"{args.namespace}{NODE_EXPORTER_SUFFIX}"
        namespace = core.v1.Namespace(
            f"{name}-namespace",
            metadata=meta.v1.ObjectMetaArgs(
                name=own,
                labels=namespace_labels("privileged"),
                annotations={"monitoring/privileged-because": "the node exporter reads the node's own file systems"},
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        if args.deny_by_default:
            # The exporter itself is on the node's network, which no policy limits: this is for any other pod.
            NetworkPolicies(
                f"{name}-network-policies",
                NetworkPoliciesArgs(namespace=own, specifications={DENY: deny_specification()}, depends_on=[namespace]),
                pulumi.ResourceOptions(parent=self),
            )
        helm_release(
            f"{name}-release",
            args.chart,
            own,
            node_exporter_values(args.node_exporter, args.priority_class),
            pulumi.ResourceOptions(parent=self, depends_on=[*args.depends_on, namespace]),
        )
        self.register_outputs({})
