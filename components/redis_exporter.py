"""The Redis exporter: what one server says about itself."""

from typing import Final

import pulumi
from pulumi_kubernetes import core, meta

from common.exporters import REDIS_EXPORTER
from components._database_exporter import watch_database
from components._exporter import ServerExporterArgs
from manifests.database_exporters import database_monitor_specification, redis_exporter_values
from settings.databases import RedisSettings

TOKEN: Final = "monitoring:index:RedisExporter"


class RedisExporter(pulumi.ComponentResource):
    """The exporter of one server."""

    def __init__(
        self, name: str, args: ServerExporterArgs[RedisSettings], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create the service account, release the chart and create the monitor."""
        super().__init__(TOKEN, name, None, opts)
        account = core.v1.ServiceAccount(
            f"{name}-service-account",
            metadata=meta.v1.ObjectMetaArgs(name=name, namespace=args.settings.namespace),
            # It talks to nobody in the cluster.
            automount_service_account_token=False,
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.depends_on),
        )
        watch_database(
            name,
            args.chart,
            args.settings.namespace,
            values=redis_exporter_values(args.server, priority_class=args.priority_class, service_account=name),
            monitor=database_monitor_specification(REDIS_EXPORTER, args.server),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.depends_on, account]),
        )
        self.register_outputs({})
