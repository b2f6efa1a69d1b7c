"""Priority classes, which keep monitoring running when a node is full."""

from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes import meta, scheduling

from common.labels import ownership_labels
from settings.scheduling import PriorityClassNames

TOKEN: Final = "monitoring:index:PriorityClasses"

# The highest value that Kubernetes allows; higher ones are reserved for system classes.
_HIGHEST: Final = 1_000_000_000
_HIGH: Final = 900_000_000


@dataclass(frozen=True, kw_only=True)
class PriorityClassesArgs:
    """Arguments of the priority classes.

    Attributes:
        priorities: Names of the classes.
    """

    priorities: PriorityClassNames


class PriorityClasses(pulumi.ComponentResource):
    """One class for the node exporter, unless it must not preempt other pods, and one for all other pods.

    Neither is the cluster's default.
    """

    def __init__(self, name: str, args: PriorityClassesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create the classes."""
        super().__init__(TOKEN, name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        owned = ownership_labels(pulumi.get_stack())
        scheduling.v1.PriorityClass(
            f"{name}-pieces",  # The logical name is older than the term "component"; a new one would replace the class.
            metadata=meta.v1.ObjectMetaArgs(name=args.priorities.components, labels=owned),
            value=_HIGH,
            # Scheduled before pods of lower priority and evicted after them, but never evicts a pod of BAIS.
            preemption_policy="Never",
            description="Monitoring: evicted late, preempts no other pod.",
            opts=child,
        )
        if args.priorities.node_exporter != args.priorities.components:
            scheduling.v1.PriorityClass(
                f"{name}-node-exporter",
                metadata=meta.v1.ObjectMetaArgs(name=args.priorities.node_exporter, labels=owned),
                value=_HIGHEST,
                # Each pod can run on one node only, so a full node must evict another pod; its requests are small.
                preemption_policy="PreemptLowerPriority",
                description="The node exporter: small, and on every node.",
                opts=child,
            )
        self.register_outputs({})
