"""Prerequisites of all other components: provider, namespace, CRDs, operator."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.custom_resource_definitions import CustomResourceDefinitions, CustomResourceDefinitionsArgs
from components.namespace import Namespace, NamespaceArgs
from components.network_policies import NetworkPolicies, NetworkPoliciesArgs
from components.operator import Operator, OperatorArgs
from components.priority_classes import PriorityClasses, PriorityClassesArgs
from components.scrape_limits import ScrapeLimits, ScrapeLimitsArgs
from manifests import charts
from manifests.network.flows import flows
from manifests.network.inputs import network_inputs
from manifests.network.policies import policy_specs
from settings.stack import StackSettings


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """Resources that other components depend on.

    Attributes:
        namespace: The namespace, the priority classes and the network policies.
        definitions: The custom resource definitions of the operator, and what must exist before an object in the
            namespace.
        operator: The operator, which runs Prometheus and Alertmanager.
    """

    namespace: Sequence[pulumi.Resource]
    definitions: Sequence[pulumi.Resource]
    operator: Operator


def cluster_provider(settings: StackSettings) -> kubernetes.Provider:
    """Return the provider of the stack's cluster."""
    return kubernetes.Provider(
        "cluster",
        cluster_identifier=settings.cluster.name,
        context=settings.cluster.context,
        # Empty, so that the provider reads KUBECONFIG itself. Without a value, the path on this machine would be stored
        # in the state.
        kubeconfig="",
        enable_server_side_apply=True,
        enable_config_map_mutable=True,
        enable_secret_mutable=True,
    )


def deploy_foundation(
    settings: StackSettings, adopted_namespaces: Collection[str], opts: pulumi.ResourceOptions
) -> Foundation:
    """Deploy the namespace, the CRDs, the scrape limits of other teams and the operator.

    `adopted_namespaces` existed before the stack.
    """
    namespace = _deploy_namespace(settings, opts, adopted=settings.namespace in adopted_namespaces)
    definitions = CustomResourceDefinitions(
        "custom-resource-definitions",
        CustomResourceDefinitionsArgs(
            chart=charts.resolve(charts.OPERATOR_CRDS, settings.charts.source, settings.environment),
            namespace=settings.namespace,
            existing=settings.operator.crds == "existing",
            depends_on=namespace,
        ),
        opts,
    )
    # The release of the CRDs waits for the namespace that it is in; existing CRDs wait for nothing.
    ready = [*namespace, definitions] if settings.operator.crds == "existing" else [definitions]
    ScrapeLimits("scrape-limits", ScrapeLimitsArgs(settings=settings), opts)
    operator = Operator(
        "operator",
        OperatorArgs(
            chart=charts.resolve(charts.OPERATOR, settings.charts.source, settings.environment),
            settings=settings,
            namespace=namespace,
            depends_on=ready,
        ),
        opts,
    )
    return Foundation(namespace=namespace, definitions=ready, operator=operator)


def _deploy_namespace(settings: StackSettings, opts: pulumi.ResourceOptions, *, adopted: bool) -> list[pulumi.Resource]:
    """Deploy the namespace, and all that must exist in it before its first pod.

    Kubernetes rejects a pod whose priority class does not exist, and a pod must never run without its network policy.
    """
    namespace = Namespace("namespace", NamespaceArgs(name=settings.namespace, adopted=adopted), opts)
    deployed: list[pulumi.Resource] = [namespace]
    if settings.scheduling.priority_class is None:
        deployed.append(
            PriorityClasses("priority-classes", PriorityClassesArgs(priorities=settings.priority_classes), opts)
        )
    if settings.network.policies:
        deployed.append(
            NetworkPolicies(
                "network-policies",
                NetworkPoliciesArgs(
                    namespace=settings.namespace,
                    specs=policy_specs(flows(network_inputs(settings))),
                    depends_on=[namespace],
                ),
                opts,
            )
        )
    return deployed
