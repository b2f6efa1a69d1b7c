"""Prometheus: collection and storage of metrics, evaluation of rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes import core, meta, rbac

from common import ports
from common.labels import component_labels, ownership_labels, pod_labels
from components._monitoring_resource import monitoring_resource
from components._operator_instance import OperatorInstance, create_operator_instance
from components._volume_claim import volume_claim
from manifests.cluster_objects import prometheus_role
from manifests.prometheus import prometheus_spec
from manifests.scrape_limits import monitor_limits
from manifests.volume_claims import prometheus_claims
from settings.stack import StackSettings

TOKEN: Final = "monitoring:index:Prometheus"

_NAME: Final = "prometheus"
_THANOS_NAME: Final = f"{_NAME}-thanos"

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
        settings: Settings of the stack.
        alertmanager: Name of Alertmanager's Service.
        depends_on: Resources that must exist first.
    """

    settings: StackSettings
    alertmanager: str
    depends_on: Sequence[pulumi.Resource] = ()


class Prometheus(pulumi.ComponentResource):
    """Prometheus, with one volume per replica.

    Attributes:
        url: URL inside the cluster.
    """

    url: str

    def __init__(self, name: str, args: PrometheusArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create the service account, role, volume claims and custom resource."""
        super().__init__(TOKEN, name, None, opts)
        settings, namespace = args.settings, args.settings.namespace
        child = pulumi.ResourceOptions(parent=self, depends_on=args.depends_on)
        owner = ownership_labels(pulumi.get_stack())
        account = core.v1.ServiceAccount(
            f"{name}-service-account",
            # Without a label it would have no field that shows whose it is.
            metadata=meta.v1.ObjectMetaArgs(name=_NAME, namespace=namespace, labels=owner),
            opts=child,
        )
        owned = meta.v1.ObjectMetaArgs(name=prometheus_role(settings), labels=owner)
        role = rbac.v1.ClusterRole(
            f"{name}-cluster-role",
            metadata=owned,
            rules=_ROLE_RULES,
            opts=child,
        )
        binding = rbac.v1.ClusterRoleBinding(
            f"{name}-cluster-role-binding",
            metadata=owned,
            role_ref=rbac.v1.RoleRefArgs(
                api_group="rbac.authorization.k8s.io", kind="ClusterRole", name=prometheus_role(settings)
            ),
            subjects=[rbac.v1.SubjectArgs(kind="ServiceAccount", name=_NAME, namespace=namespace)],
            opts=child,
        )
        claims = [
            volume_claim(
                claim, namespace, labels=pod_labels(_NAME, _NAME), retain_data=settings.retains_data, opts=child
            )
            for claim in prometheus_claims(settings.prometheus)
        ]
        instance = OperatorInstance(
            kind="Prometheus",
            name=_NAME,
            namespace=namespace,
            port=ports.PROMETHEUS,
            replicas=settings.prometheus.replicas,
            selector=settings.selector,
            controller_id=settings.operator.controller_id,
            scrape_limits=settings.prometheus.scrape_limits.platform,
        )
        spec = prometheus_spec(
            settings.prometheus,
            environment=settings.environment,
            cluster=settings.cluster,
            namespace=namespace,
            selector=settings.selector,
            service_account=_NAME,
            alertmanager=args.alertmanager,
            external_url=settings.links.prometheus or instance.url,
            priority_class=settings.priority_classes.components,
        )
        create_operator_instance(
            name,
            instance,
            spec,
            pulumi.ResourceOptions(parent=self, depends_on=[*args.depends_on, account, role, binding, *claims]),
        )
        if settings.prometheus.thanos:
            core.v1.Service(
                f"{name}-thanos-service",
                metadata=meta.v1.ObjectMetaArgs(
                    name=_THANOS_NAME, namespace=namespace, labels=component_labels(_THANOS_NAME)
                ),
                spec=core.v1.ServiceSpecArgs(
                    # Headless: a querier connects to every replica of every shard.
                    cluster_ip="None",
                    selector=pod_labels(_NAME, _NAME),
                    ports=[
                        core.v1.ServicePortArgs(name="grpc", port=ports.THANOS, target_port="grpc"),
                        core.v1.ServicePortArgs(name="http", port=ports.THANOS_METRICS, target_port="http"),
                    ],
                ),
                opts=child,
            )
            monitoring_resource(
                f"{name}-thanos-monitor",
                "ServiceMonitor",
                resource_name=_THANOS_NAME,
                namespace=namespace,
                spec={
                    "selector": {"matchLabels": component_labels(_THANOS_NAME)},
                    "endpoints": [{"port": "http"}],
                    **monitor_limits(settings.prometheus.scrape_limits.platform),
                },
                selector=settings.selector,
                opts=child,
            )
        self.url = instance.url
        self.register_outputs({"url": self.url})
