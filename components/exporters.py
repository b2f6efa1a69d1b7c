"""Which exporters a stack has."""

from collections.abc import Sequence

import pulumi

from components.blackbox_exporter import BlackboxExporter, BlackboxExporterArgs
from components.kube_state_metrics import KubeStateMetrics, KubeStateMetricsArgs
from components.node_exporter import NodeExporter, NodeExporterArgs
from components.postgres_exporter import PostgresExporter, PostgresExporterArgs
from components.redis_exporter import RedisExporter, RedisExporterArgs
from manifests import charts
from manifests.database_exporters import POSTGRES_EXPORTER, REDIS_EXPORTER
from settings.stack import StackSettings


def deploy_exporters(
    settings: StackSettings, depends_on: Sequence[pulumi.Resource], opts: pulumi.ResourceOptions
) -> None:
    """Each exporter that the stack has on."""
    source = settings.charts.source
    priorities = settings.priority_classes
    if settings.node_exporter.enabled:
        NodeExporter(
            "node-exporter",
            NodeExporterArgs(
                chart=charts.resolve(charts.NODE_EXPORTER, source),
                namespace=settings.namespace,
                node_exporter=settings.node_exporter,
                priority_class=priorities.node_exporter,
                deny_by_default=settings.network.policies,
                depends_on=depends_on,
            ),
            opts,
        )
    if settings.kube_state_metrics.enabled:
        KubeStateMetrics(
            "kube-state-metrics",
            KubeStateMetricsArgs(
                chart=charts.resolve(charts.KUBE_STATE_METRICS, source),
                namespace=settings.namespace,
                kube_state_metrics=settings.kube_state_metrics,
                priority_class=priorities.components,
                depends_on=depends_on,
            ),
            opts,
        )
    if settings.blackbox_exporter.enabled:
        BlackboxExporter(
            "blackbox-exporter",
            BlackboxExporterArgs(
                chart=charts.resolve(charts.BLACKBOX_EXPORTER, source),
                namespace=settings.namespace,
                blackbox_exporter=settings.blackbox_exporter,
                probes=settings.probes,
                priority_class=priorities.components,
                depends_on=depends_on,
            ),
            opts,
        )
    for postgres in settings.postgres:
        PostgresExporter(
            f"{POSTGRES_EXPORTER}-{postgres.name}",
            PostgresExporterArgs(
                chart=charts.resolve(charts.POSTGRES_EXPORTER, source),
                namespace=settings.namespace,
                server=postgres,
                priority_class=priorities.components,
                depends_on=depends_on,
            ),
            opts,
        )
    for redis in settings.redis:
        RedisExporter(
            f"{REDIS_EXPORTER}-{redis.name}",
            RedisExporterArgs(
                chart=charts.resolve(charts.REDIS_EXPORTER, source),
                namespace=settings.namespace,
                server=redis,
                priority_class=priorities.components,
                depends_on=depends_on,
            ),
            opts,
        )
