"""The PostgreSQL exporter: what one server says about itself."""

from typing import Final

import pulumi

from common.exporters import POSTGRES_EXPORTER
from components._database_exporter import watch_database
from components._exporter import ServerExporterArgs
from manifests.database_exporters import database_monitor_specification, postgres_exporter_values
from settings.databases import PostgresSettings

TOKEN: Final = "monitoring:index:PostgresExporter"


class PostgresExporter(pulumi.ComponentResource):
    """The exporter of one server."""

    def __init__(
        self, name: str, args: ServerExporterArgs[PostgresSettings], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Release the chart and create the monitor."""
        super().__init__(TOKEN, name, None, opts)
        watch_database(
            name,
            args.chart,
            args.settings.namespace,
            values=postgres_exporter_values(args.server, priority_class=args.priority_class),
            monitor=database_monitor_specification(POSTGRES_EXPORTER, args.server),
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.depends_on),
        )
        self.register_outputs({})
