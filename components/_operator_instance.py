"""Objects of an instance that the operator runs: Prometheus or Alertmanager."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pulumi
from pulumi_kubernetes import core, meta, policy
from pulumi_kubernetes.apiextensions import CustomResource

from common.labels import SPECIFICATION_ANNOTATION, component_labels, pod_labels
from components._adoption import ADOPT_EXISTING
from components._monitoring_resource import API_VERSION, monitoring_resource
from manifests.scrape_limits import monitor_limits
from settings.scrape_limits import ScrapeLimits

# The provider would wait for a custom resource until a timeout, even if the operator has rejected it; the verification
# waits for it instead, and ends `up` with the reason. Waiting for the Service would add ten seconds to every `up`.
_SKIP_AWAIT: Final = {"pulumi.com/skipAwait": "true"}


@dataclass(frozen=True, kw_only=True)
class OperatorInstance:
    """A custom resource of the operator and its Service, which have the same name.

    Attributes:
        kind: Prometheus or Alertmanager.
        name: Name of the custom resource, its Service and its disruption budget.
        namespace: Namespace of all objects.
        port: Port of the Service and of the pods.
        replicas: Number of pods, of one shard.
        selector: Label with which Prometheus selects.
        controller_id: Id of the operator that serves it; None for one without an id.
        scrape_limits: Limits of each scrape of its metrics.
    """

    kind: str
    name: str
    namespace: str
    port: int
    replicas: int
    selector: Mapping[str, str]
    controller_id: str | None
    scrape_limits: ScrapeLimits

    @property
    def url(self) -> str:
        """URL inside the cluster."""
        return f"http://{self.name}.{self.namespace}.svc:{self.port}"


def create_operator_instance(
    name: str, instance: OperatorInstance, spec: Mapping[str, Any], opts: pulumi.ResourceOptions
) -> None:
    """Create the custom resource, its Service, its monitor and a disruption budget."""
    selector = pod_labels(instance.name, instance.name)
    metadata = partial(meta.v1.ObjectMetaArgs, name=instance.name, namespace=instance.namespace)
    CustomResource(
        f"{name}-instance",
        api_version=API_VERSION,
        kind=instance.kind,
        metadata=metadata(
            annotations={
                **_SKIP_AWAIT,
                **ADOPT_EXISTING,
                SPECIFICATION_ANNOTATION: _digest(spec),
                **_served_by(instance.controller_id),
            }
        ),
        spec=dict(spec),
        opts=opts,
    )
    core.v1.Service(
        f"{name}-service",
        metadata=metadata(labels=component_labels(instance.name), annotations=_SKIP_AWAIT),
        spec=core.v1.ServiceSpecArgs(
            selector=selector,
            # Replicas hold slightly different data, so a client keeps to one of them.
            session_affinity="ClientIP",
            ports=[core.v1.ServicePortArgs(name="web", port=instance.port, target_port="web")],
        ),
        opts=opts,
    )
    monitoring_resource(
        f"{name}-monitor",
        "ServiceMonitor",
        resource_name=instance.name,
        namespace=instance.namespace,
        spec={
            "selector": {"matchLabels": component_labels(instance.name)},
            "endpoints": [{"port": "web"}],
            **monitor_limits(instance.scrape_limits),
        },
        selector=instance.selector,
        opts=opts,
    )
    if instance.replicas > 1:
        policy.v1.PodDisruptionBudget(
            f"{name}-disruption-budget",
            metadata=metadata(),
            spec=policy.v1.PodDisruptionBudgetSpecArgs(
                max_unavailable=1,
                selector=meta.v1.LabelSelectorArgs(match_labels=selector),
                # A pod that is not ready must not block the drain of a node.
                unhealthy_pod_eviction_policy="AlwaysAllow",
            ),
            opts=opts,
        )


def _digest(spec: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()[:12]


def _served_by(controller_id: str | None) -> dict[str, str]:
    """Return the annotation that operators with another id, or without one, ignore."""
    return {"operator.prometheus.io/controller-id": controller_id} if controller_id else {}
