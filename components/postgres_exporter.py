"""The PostgreSQL exporter: what one server says about itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from components._database_exporter import watch_database
from manifests.charts import ChartSource
from manifests.database_exporters import POSTGRES_EXPORTER, database_monitor_specification, postgres_exporter_values
from settings import databases

TOKEN: Final = "monitoring:index:PostgresExporter"


@dataclass(frozen=True, kw_only=True)
class PostgresExporterArgs:
    """The chart, its namespace, the server, the priority class of the pod, and what must exist first."""

    chart: ChartSource
    namespace: str
    server: databases.PostgresSettings
    priority_class: str
    depends_on: Sequence[pulumi.Resource] = ()


class PostgresExporter(pulumi.ComponentResource):
    """The exporter of one server."""

    def __init__(self, name: str, args: PostgresExporterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Release the chart and create the monitor."""
        super().__init__(TOKEN, name, None, opts)
        watch_database(
            name,
            args.chart,
            args.namespace,
            values=postgres_exporter_values(args.server, priority_class=args.priority_class),
            monitor=database_monitor_specification(POSTGRES_EXPORTER, args.server),
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.depends_on),
        )
        self.register_outputs({})
