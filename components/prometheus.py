"""Prometheus: collection and storage of metrics, evaluation of rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes import core, meta, rbac

from common import ports
from common.labels import pod_labels
from components._operator_instance import OperatorInstance, create_operator_instance
from components._volume_claim import volume_claim
from manifests.prometheus import prometheus_spec
from manifests.volume_claims import prometheus_claims
from settings import stack

TOKEN: Final = "monitoring:index:Prometheus"

_NAME: Final = "prometheus"

_DISCOVERY_VERBS: Final = ["get", "list", "watch"]
# The minimum for discovery and scraping: no Secrets, no ConfigMaps, no write access.
_ROLE_RULES: Final = (
    rbac.v1.PolicyRuleArgs(api_groups=[""], resources=["services", "pods"], verbs=_DISCOVERY_VERBS),
    rbac.v1.PolicyRuleArgs(api_groups=["discovery.k8s.io"], resources=["endpointslices"], verbs=_DISCOVERY_VERBS),
    # For Probes that select ingresses and ScrapeConfigs that select nodes; the stack itself has neither.
    rbac.v1.PolicyRuleArgs(api_groups=["networking.k8s.io"], resources=["ingresses"], verbs=_DISCOVERY_VERBS),
    rbac.v1.PolicyRuleArgs(api_groups=[""], resources=["nodes"], verbs=_DISCOVERY_VERBS),
    rbac.v1.PolicyRuleArgs(api_groups=[""], resources=["nodes/metrics"], verbs=["get"]),
    rbac.v1.PolicyRuleArgs(non_resource_urls=["/metrics"], verbs=["get"]),
)


@dataclass(frozen=True, kw_only=True)
class PrometheusArgs:
    """Arguments of Prometheus.

    Attributes:
        namespace: namespace of the stack.
        environment: environment of the stack, a label of all series and alerts.
        cluster: settings of the cluster; its name is a label of all series and alerts.
        prometheus: settings of Prometheus.
        retain_data: whether the volume claims outlive the stack.
        alertmanager: name of Alertmanager's Service.
        priority_class: priority class of the pods.
        external_url: URL of links in alerts; defaults to the URL inside the cluster.
        depends_on: resources that must exist first.
    """

    namespace: str
    environment: str
    cluster: stack.ClusterSettings
    prometheus: stack.PrometheusSettings
    retain_data: bool
    alertmanager: str
    priority_class: str
    external_url: str | None = None
    depends_on: Sequence[pulumi.Resource] = ()


class Prometheus(pulumi.ComponentResource):
    """Prometheus, with one volume per replica.

    Attributes:
        url: URL inside the cluster.
    """

    url: str

    def __init__(self, name: str, args: PrometheusArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create the service account with its role, the volume claims and the custom resource."""
        super().__init__(TOKEN, name, None, opts)
        child = pulumi.ResourceOptions(parent=self, depends_on=args.depends_on)
        account = core.v1.ServiceAccount(
            f"{name}-service-account",
            metadata=meta.v1.ObjectMetaArgs(name=_NAME, namespace=args.namespace),
            opts=child,
        )
        role = rbac.v1.ClusterRole(
            f"{name}-cluster-role",
            metadata=meta.v1.ObjectMetaArgs(name=f"{args.namespace}-{_NAME}"),
            rules=_ROLE_RULES,
            opts=child,
        )
        binding = rbac.v1.ClusterRoleBinding(
            f"{name}-cluster-role-binding",
            metadata=meta.v1.ObjectMetaArgs(name=f"{args.namespace}-{_NAME}"),
            role_ref=rbac.v1.RoleRefArgs(
                api_group="rbac.authorization.k8s.io", kind="ClusterRole", name=f"{args.namespace}-{_NAME}"
            ),
            subjects=[rbac.v1.SubjectArgs(kind="ServiceAccount", name=_NAME, namespace=args.namespace)],
            opts=child,
        )
        claims = [
            volume_claim(
                claim, args.namespace, labels=pod_labels(_NAME, _NAME), retain_data=args.retain_data, opts=child
            )
            for claim in prometheus_claims(args.prometheus)
        ]
        instance = OperatorInstance(
            kind="Prometheus",
            name=_NAME,
            namespace=args.namespace,
            port=ports.PROMETHEUS,
            replicas=args.prometheus.replicas,
        )
        spec = prometheus_spec(
            args.prometheus,
            environment=args.environment,
            cluster=args.cluster,
            namespace=args.namespace,
            service_account=_NAME,
            alertmanager=args.alertmanager,
            external_url=args.external_url or instance.url,
            priority_class=args.priority_class,
        )
        create_operator_instance(
            name,
            instance,
            spec,
            pulumi.ResourceOptions(parent=self, depends_on=[*args.depends_on, account, role, binding, *claims]),
        )
        if args.prometheus.thanos:
            core.v1.Service(
                f"{name}-thanos-service",
                metadata=meta.v1.ObjectMetaArgs(name=f"{_NAME}-thanos", namespace=args.namespace),
                spec=core.v1.ServiceSpecArgs(
                    # Headless: a querier connects to every replica of every shard.
                    cluster_ip="None",
                    selector=pod_labels(_NAME, _NAME),
                    ports=[core.v1.ServicePortArgs(name="grpc", port=ports.THANOS, target_port="grpc")],
                ),
                opts=child,
            )
        self.url = instance.url
        self.register_outputs({"url": self.url})
