"""What stands before the first pod of a stack: its namespace, its priority classes, its network policies."""

import pulumi

from components.namespace import Namespace, NamespaceArgs
from components.network_policies import NetworkPolicies, NetworkPoliciesArgs
from components.priority_classes import PriorityClasses, PriorityClassesArgs
from manifests.network.flows import flows
from manifests.network.inputs import network_inputs
from manifests.network.policies import policy_specifications
from settings.scheduling import priority_classes
from settings.stack import StackSettings


def deploy_foundation(settings: StackSettings, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
    """Everything that the other components wait for.

    A pod that names a priority class which is not there is refused; and none shall run a moment without its policy.
    """
    namespace = Namespace("namespace", NamespaceArgs(name=settings.namespace, retain_data=settings.keeps_data), opts)
    laid: list[pulumi.Resource] = [namespace]
    if settings.scheduling.priority_class is None:
        priorities = priority_classes(settings.scheduling, settings.namespace)
        laid.append(PriorityClasses("priority-classes", PriorityClassesArgs(priorities=priorities), opts))
    if settings.network.policies:
        laid.append(
            NetworkPolicies(
                "network-policies",
                NetworkPoliciesArgs(
                    namespace=settings.namespace,
                    specifications=policy_specifications(flows(network_inputs(settings))),
                    depends_on=[namespace],
                ),
                opts,
            )
        )
    return laid
