"""The Redis exporter: what one server says about itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from components import database_settings
from components.charts import ChartSource
from components.database_exporter import watch_database
from components.database_exporter_values import (
    REDIS_EXPORTER,
    database_monitor_specification,
    redis_exporter_values,
)

TOKEN: Final = "monitoring:index:RedisExporter"


@dataclass(frozen=True, kw_only=True)
class RedisExporterArgs:
    """The chart, its namespace, the server, and what must exist first."""

    chart: ChartSource
    namespace: str
    server: database_settings.Redis
    after: Sequence[pulumi.Resource] = ()


class RedisExporter(pulumi.ComponentResource):
    """The exporter of one server."""

    def __init__(self, name: str, args: RedisExporterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Release the chart and create the monitor."""
        super().__init__(TOKEN, name, None, opts)
        watch_database(
            name,
            args.chart,
            args.namespace,
            values=redis_exporter_values(args.server),
            monitor=database_monitor_specification(REDIS_EXPORTER, args.server),
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.after),
        )
        self.register_outputs({})
