"""Custom resources that Prometheus selects by label: monitors, probes, rules."""

from collections.abc import Mapping
from typing import Any, Final

import pulumi
from pulumi_kubernetes import meta
from pulumi_kubernetes.apiextensions import CustomResource

from components._adoption import ADOPT_EXISTING

API_VERSION: Final = "monitoring.coreos.com/v1"


def monitoring_resource(
    name: str,
    kind: str,
    *,
    resource_name: str,
    namespace: str,
    spec: Mapping[str, Any],
    selector: Mapping[str, str],
    opts: pulumi.ResourceOptions,
    labels: Mapping[str, str] | None = None,
) -> None:
    """Create a custom resource with the label that Prometheus selects.

    `resource_name` is its name in the cluster, `selector` the stack's label.
    """
    CustomResource(
        name,
        api_version=API_VERSION,
        kind=kind,
        metadata=meta.v1.ObjectMetaArgs(
            name=resource_name,
            namespace=namespace,
            labels={**selector, **(labels or {})},
            annotations=ADOPT_EXISTING,
        ),
        spec=dict(spec),
        opts=opts,
    )
