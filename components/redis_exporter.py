"""Redis exporter: metrics of one Redis server."""

from typing import Final

import pulumi
from pulumi_kubernetes import core, meta

from common.exporters import REDIS_EXPORTER
from components._database_exporter import deploy_database_exporter
from components._exporter import ServerExporterArgs
from manifests.database_exporters import database_monitor_spec, redis_exporter_values
from settings.databases import RedisSettings

TOKEN: Final = "monitoring:index:RedisExporter"


class RedisExporter(pulumi.ComponentResource):
    """The exporter of one server."""

    def __init__(
        self, name: str, args: ServerExporterArgs[RedisSettings], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create the service account and the monitor, and release the chart."""
        super().__init__(TOKEN, name, None, opts)
        account = core.v1.ServiceAccount(
            f"{name}-service-account",
            metadata=meta.v1.ObjectMetaArgs(name=name, namespace=args.settings.namespace),
            # It does not use the Kubernetes API.
            automount_service_account_token=False,
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.depends_on),
        )
        deploy_database_exporter(
            name,
            args.chart,
            args.settings.namespace,
            values=redis_exporter_values(args.server, priority_class=args.priority_class, service_account=name),
            monitor=database_monitor_spec(REDIS_EXPORTER, args.server, args.settings.prometheus.scrape_limits.platform),
            selector=args.settings.selector,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.depends_on, account]),
        )
        self.register_outputs({})
