"""How every Helm release of the stack is made."""

from collections.abc import Mapping
from typing import Any, Final

import pulumi
from pulumi_kubernetes.helm.v3 import Release, ReleaseArgs, RepositoryOptsArgs

from manifests.charts import ChartSource

# The provider's own default, spelt out: a pod that is not ready by then is broken, and waiting longer only hides it.
_SECONDS: Final = 300


def helm_release(
    name: str,
    source: ChartSource,
    namespace: str,
    values: Mapping[str, Any],
    opts: pulumi.ResourceOptions,
    *,
    resource_name: str | None = None,
    waits: bool = True,
) -> Release:
    """A release that keeps its name, waits until its pods are ready, and leaves custom resource definitions alone.

    It is `called` after its chart, unless there are several of one chart.

    Values must be known and free of secrets: an unknown one keeps the provider from loading the chart in a preview,
    and all of them end up in the cluster.
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
            values=values,
            skip_await=not waits,
            timeout=_SECONDS,
            max_history=5,
            cleanup_on_fail=True,
        ),
        opts,
    )
