"""What the exporters of databases share: a release and a monitor for each server that the settings name."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components._helm_release import helm_release
from components._monitoring_resource import monitoring_resource
from manifests.charts import ChartSource


def watch_database(
    name: str,
    source: ChartSource,
    namespace: str,
    *,
    values: Mapping[str, Any],
    monitor: Mapping[str, Any],
    opts: pulumi.ResourceOptions,
) -> None:
    """The exporter of one server and the monitor of its metrics, all called `name`.

    `up` does not wait for the exporter: its pod waits for a Secret that somebody else brings, at times after the stack,
    whose namespace that Secret needs. Until then the target is down, which is an alert of its own.
    """
    released = helm_release(f"{name}-release", source, namespace, values, opts, resource_name=name, waits=False)
    monitoring_resource(
        f"{name}-monitor",
        "ServiceMonitor",
        resource_name=name,
        namespace=namespace,
        specification=monitor,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[released])),
    )
