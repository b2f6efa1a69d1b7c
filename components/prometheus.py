"""Prometheus: collects metrics, stores them, evaluates the alerts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes import core, meta, rbac

from common import ports
from common.labels import pod_labels
from components._operator_instance import OperatorInstance, create_operator_instance
from components._volume_claim import volume_claim
from manifests.prometheus import prometheus_specification
from manifests.volume_claims import prometheus_claims
from settings.prometheus import PrometheusSettings
from settings.stack import ClusterSettings

TOKEN: Final = "monitoring:index:Prometheus"

_NAME: Final = "prometheus"

_DISCOVER: Final = ["get", "list", "watch"]
# What discovery and scraping need, and no more: no Secrets, no ConfigMaps, nothing to write.
_RULES: Final = (
    rbac.v1.PolicyRuleArgs(api_groups=[""], resources=["services", "pods"], verbs=_DISCOVER),
    rbac.v1.PolicyRuleArgs(api_groups=["discovery.k8s.io"], resources=["endpointslices"], verbs=_DISCOVER),
    # Probes may select ingresses, and scrape configurations nodes; nothing of the stack itself needs either.
    rbac.v1.PolicyRuleArgs(api_groups=["networking.k8s.io"], resources=["ingresses"], verbs=_DISCOVER),
    rbac.v1.PolicyRuleArgs(api_groups=[""], resources=["nodes"], verbs=_DISCOVER),
    rbac.v1.PolicyRuleArgs(api_groups=[""], resources=["nodes/metrics"], verbs=["get"]),
    rbac.v1.PolicyRuleArgs(non_resource_urls=["/metrics"], verbs=["get"]),
)


@dataclass(frozen=True, kw_only=True)
class PrometheusArgs:
    """Prometheus's settings, what it labels alerts with, the Service of its Alertmanager, and where people reach it.

    With `retain_data`, its claims outlive the stack. Without `external_url`, links lead to its address
    inside the cluster.
    """

    namespace: str
    environment: str
    cluster: ClusterSettings
    prometheus: PrometheusSettings
    retain_data: bool
    alertmanager: str
    priority_class: str
    external_url: str | None = None
    depends_on: Sequence[pulumi.Resource] = ()


class Prometheus(pulumi.ComponentResource):
    """Prometheus with volumes of its own; `url` is its address inside the cluster."""

    url: str

    def __init__(self, name: str, args: PrometheusArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create the service account and its rights, the custom resource, and the way to it."""
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
            rules=_RULES,
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
                each, args.namespace, labels=pod_labels(_NAME, _NAME), retain_data=args.retain_data, opts=child
            )
            for each in prometheus_claims(args.prometheus)
        ]
        served = OperatorInstance(
            kind="Prometheus",
            name=_NAME,
            namespace=args.namespace,
            port=ports.PROMETHEUS,
            replicas=args.prometheus.replicas,
        )
        specification = prometheus_specification(
            args.prometheus,
            environment=args.environment,
            cluster=args.cluster,
            namespace=args.namespace,
            service_account=_NAME,
            alertmanager=args.alertmanager,
            external_url=args.external_url or served.url,
            priority_class=args.priority_class,
        )
        create_operator_instance(
            name,
            served,
            specification,
            pulumi.ResourceOptions(parent=self, depends_on=[*args.depends_on, account, role, binding, *claims]),
        )
        if args.prometheus.thanos:
            core.v1.Service(
                f"{name}-thanos-service",
                metadata=meta.v1.ObjectMetaArgs(name=f"{_NAME}-thanos", namespace=args.namespace),
                spec=core.v1.ServiceSpecArgs(
                    # A querier asks every replica of every shard, so it needs their addresses and not one for all.
                    cluster_ip="None",
                    selector=pod_labels(_NAME, _NAME),
                    ports=[core.v1.ServicePortArgs(name="grpc", port=ports.THANOS, target_port="grpc")],
                ),
                opts=child,
            )
        self.url = served.url
        self.register_outputs({"url": self.url})
