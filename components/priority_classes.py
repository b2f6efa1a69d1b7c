"""Which pods stay when a node runs full: monitoring is what shows why it did."""

from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes import meta, scheduling

from settings.scheduling import PriorityClassNames

TOKEN: Final = "monitoring:index:PriorityClasses"

# Kubernetes' own classes begin at 2,000,000,000; this is the highest value that anybody else may use.
_HIGHEST: Final = 1_000_000_000
_HIGH: Final = 900_000_000


@dataclass(frozen=True, kw_only=True)
class PriorityClassesArgs:
    """The names of the classes."""

    priorities: PriorityClassNames


class PriorityClasses(pulumi.ComponentResource):
    """The class of the node exporter and that of everything else; neither is the default of pods that name none."""

    def __init__(self, name: str, args: PriorityClassesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create the classes."""
        super().__init__(TOKEN, name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        scheduling.v1.PriorityClass(
            f"{name}-pieces",  # The logical name is older than the term "component"; a new one would replace the class.
            metadata=meta.v1.ObjectMetaArgs(name=args.priorities.components),
            value=_HIGH,
            # Ahead of others in the queue, and evicted after them; but no customer's pod has to make room for it.
            preemption_policy="Never",
            description="Monitoring: evicted late, and evicts nobody.",
            opts=child,
        )
        scheduling.v1.PriorityClass(
            f"{name}-node-exporter",
            metadata=meta.v1.ObjectMetaArgs(name=args.priorities.node_exporter),
            value=_HIGHEST,
            # It can run on its own node only, so a full node has to make room; what it asks for is little.
            preemption_policy="PreemptLowerPriority",
            description="The node exporter: small, and on every node.",
            opts=child,
        )
        self.register_outputs({})
