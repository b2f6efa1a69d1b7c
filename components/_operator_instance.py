"""What Prometheus and Alertmanager share: a custom resource that the operator runs, reached and watched alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pulumi
from pulumi_kubernetes import core, meta, policy
from pulumi_kubernetes.apiextensions import CustomResource

from common.labels import component_labels, pod_labels
from components._monitoring_resource import API_VERSION, monitoring_resource

# `up` ends when the operator says that all replicas are ready, not when the API server has taken the object.
_WAIT: Final = {"pulumi.com/waitFor": "condition=Available"}
# The Service then needs no wait of its own, which takes ten seconds whatever the pods do.
_DO_NOT_WAIT: Final = {"pulumi.com/skipAwait": "true"}
# As long as a Helm release waits; twice that for a change, because it replaces one pod after the other.
_TIMEOUTS: Final = pulumi.CustomTimeouts(create="5m", update="10m")


@dataclass(frozen=True, kw_only=True)
class OperatorInstance:
    """A custom resource of the operator, by kind, with its Service's name and port."""

    kind: str
    name: str
    namespace: str
    port: int
    replicas: int

    @property
    def url(self) -> str:
        """Its address inside the cluster."""
        return f"http://{self.name}.{self.namespace}.svc:{self.port}"


def create_operator_instance(
    name: str, served: OperatorInstance, specification: Mapping[str, Any], opts: pulumi.ResourceOptions
) -> None:
    """The custom resource, its Service, its disruption budget and the monitor of its own metrics."""
    selected = pod_labels(served.name, served.name)
    metadata = partial(meta.v1.ObjectMetaArgs, name=served.name, namespace=served.namespace)
    CustomResource(
        f"{name}-instance",
        api_version=API_VERSION,
        kind=served.kind,
        metadata=metadata(annotations=_WAIT),
        spec=dict(specification),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(custom_timeouts=_TIMEOUTS)),
    )
    core.v1.Service(
        f"{name}-service",
        metadata=metadata(labels=component_labels(served.name), annotations=_DO_NOT_WAIT),
        spec=core.v1.ServiceSpecArgs(
            selector=selected,
            # Replicas hold slightly different data; a reader stays with one.
            session_affinity="ClientIP",
            ports=[core.v1.ServicePortArgs(name="web", port=served.port, target_port="web")],
        ),
        opts=opts,
    )
    monitoring_resource(
        f"{name}-monitor",
        "ServiceMonitor",
        resource_name=served.name,
        namespace=served.namespace,
        specification={"selector": {"matchLabels": component_labels(served.name)}, "endpoints": [{"port": "web"}]},
        opts=opts,
    )
    if served.replicas > 1:
        policy.v1.PodDisruptionBudget(
            f"{name}-disruption-budget",
            metadata=metadata(),
            spec=policy.v1.PodDisruptionBudgetSpecArgs(
                max_unavailable=1,
                selector=meta.v1.LabelSelectorArgs(match_labels=selected),
                # A pod that is broken anyway must not keep a node from being drained.
                unhealthy_pod_eviction_policy="AlwaysAllow",
            ),
            opts=opts,
        )
