"""What the exporters of databases share: a release and a monitor for each server that the settings name."""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_kubernetes import meta
from pulumi_kubernetes.apiextensions import CustomResource

from components.charts import ChartSource
from components.labels import SELECTOR
from components.releases import release
from components.served import API_VERSION


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
    released = release(f"{name}-release", source, namespace, values, opts, called=name, waits=False)
    CustomResource(
        f"{name}-monitor",
        api_version=API_VERSION,
        kind="ServiceMonitor",
        metadata=meta.v1.ObjectMetaArgs(name=name, namespace=namespace, labels=SELECTOR),
        spec=dict(monitor),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[released])),
    )
