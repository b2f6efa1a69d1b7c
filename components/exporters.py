"""Deployment of the exporters that are enabled in a stack."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

import pulumi

from common.exporters import (
    BLACKBOX_EXPORTER,
    EXPORTERS,
    KUBE_STATE_METRICS,
    NODE_EXPORTER,
    POSTGRES_EXPORTER,
    REDIS_EXPORTER,
)
from components._exporter import ExporterArgs, ServerExporterArgs
from components.blackbox_exporter import BlackboxExporter
from components.kube_state_metrics import KubeStateMetrics
from components.node_exporter import NodeExporter
from components.postgres_exporter import PostgresExporter
from components.redis_exporter import RedisExporter
from manifests.charts import exporter_chart, resolve
from manifests.database_exporters import release_name
from settings.stack import StackSettings

# Component classes of exporters that run once per stack, by the exporter's name.
PER_STACK: Final[Mapping[str, Callable[[str, ExporterArgs, pulumi.ResourceOptions], pulumi.Resource]]] = {
    NODE_EXPORTER.name: NodeExporter,
    KUBE_STATE_METRICS.name: KubeStateMetrics,
    BLACKBOX_EXPORTER.name: BlackboxExporter,
}
# Component classes of exporters that run once per server, by the exporter's name.
PER_SERVER: Final[Mapping[str, Callable[[str, ServerExporterArgs[Any], pulumi.ResourceOptions], pulumi.Resource]]] = {
    POSTGRES_EXPORTER.name: PostgresExporter,
    REDIS_EXPORTER.name: RedisExporter,
}


def deploy_exporters(
    settings: StackSettings,
    adopted_namespaces: Collection[str],
    depends_on: Sequence[pulumi.Resource],
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """Deploy each exporter that is enabled in the stack, once or once per server, and return them.

    `adopted_namespaces` existed before the stack.
    """
    deployed: list[pulumi.Resource] = []
    priorities = settings.priority_classes
    for exporter in filter(settings.has_exporter, EXPORTERS):
        args = ExporterArgs(
            settings=settings,
            chart=resolve(exporter_chart(exporter), settings.charts.source, settings.environment),
            priority_class=priorities.node_exporter if exporter.on_nodes else priorities.components,
            adopted_namespaces=adopted_namespaces,
            depends_on=depends_on,
        )
        if not exporter.per_server:
            deployed.append(PER_STACK[exporter.name](exporter.name, args, opts))
        for server in settings.servers(exporter):
            server_args = ServerExporterArgs(**vars(args), server=server)
            deployed.append(PER_SERVER[exporter.name](release_name(exporter, server), server_args, opts))
    return deployed
