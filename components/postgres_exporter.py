"""PostgreSQL exporter: metrics of one PostgreSQL server."""

from typing import Final

import pulumi

from common.exporters import POSTGRES_EXPORTER
from components._database_exporter import deploy_database_exporter
from components._exporter import ServerExporterArgs
from manifests.database_exporters import database_monitor_spec, postgres_exporter_values
from settings.databases import PostgresSettings

TOKEN: Final = "monitoring:index:PostgresExporter"


class PostgresExporter(pulumi.ComponentResource):
    """The exporter of one server."""

    def __init__(
        self, name: str, args: ServerExporterArgs[PostgresSettings], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Release the chart and create the monitor."""
        super().__init__(TOKEN, name, None, opts)
        deploy_database_exporter(
            name,
            args.chart,
            args.settings.namespace,
            values=postgres_exporter_values(args.server, priority_class=args.priority_class),
            monitor=database_monitor_spec(
                POSTGRES_EXPORTER, args.server, args.settings.prometheus.scrape_limits.platform
            ),
            selector=args.settings.selector,
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.depends_on),
        )
        self.register_outputs({})
