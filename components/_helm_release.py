"""Helm release with the options that all releases of the stack share."""

from collections.abc import Mapping
from typing import Any, Final

import pulumi
from pulumi_kubernetes.helm.v3 import Release, ReleaseArgs, RepositoryOptsArgs

from manifests.charts import ChartSource, merged

# The provider's default, made explicit: a pod that is not ready by then is broken.
_TIMEOUT_SECONDS: Final = 300


def helm_release(
    name: str,
    source: ChartSource,
    namespace: str,
    values: Mapping[str, Any],
    opts: pulumi.ResourceOptions,
    *,
    resource_name: str | None = None,
    wait: bool = True,
) -> Release:
    """Create a Helm release with a fixed name that does not install CRDs.

    `resource_name` defaults to the name of the chart; set it if a chart has several releases. With `wait`, the release
    is complete when its pods are ready.

    Values must be known and free of secrets: an unknown value keeps the provider from loading the chart in a preview,
    and all values are stored in the cluster.
    """
    return Release(
        name,
        ReleaseArgs(
            name=resource_name or source.chart.rsplit("/", 1)[-1],
            chart=source.chart,
            version=source.version,
            repository_opts=RepositoryOptsArgs(repo=source.repository) if source.repository else None,
            namespace=namespace,
            create_namespace=False,
            skip_crds=True,
            values=merged(values, source.values),
            skip_await=not wait,
            timeout=_TIMEOUT_SECONDS,
            max_history=5,
            cleanup_on_fail=True,
        ),
        opts,
    )
