"""Helm release and ServiceMonitor of a database exporter, once per server."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components._helm_release import helm_release
from components._monitoring_resource import monitoring_resource
from manifests.charts import ChartSource


def deploy_database_exporter(
    name: str,
    source: ChartSource,
    namespace: str,
    *,
    values: Mapping[str, Any],
    monitor: Mapping[str, Any],
    selector: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Deploy the exporter of one server and its monitor; both are named `name`.

    `up` does not wait for the exporter: its pod needs a Secret that others manage, which preflight checks. Without
    it the target is down, which has its own alert.
    """
    release = helm_release(f"{name}-release", source, namespace, values, opts, resource_name=name, wait=False)
    monitoring_resource(
        f"{name}-monitor",
        "ServiceMonitor",
        resource_name=name,
        namespace=namespace,
        spec=monitor,
        selector=selector,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[release])),
    )
