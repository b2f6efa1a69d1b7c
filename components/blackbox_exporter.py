"""The blackbox exporter: asks addresses from outside, as a customer would, on Prometheus's behalf."""

from typing import Final

import pulumi

from common.exporters import BLACKBOX_EXPORTER
from components._exporter import ExporterArgs
from components._helm_release import helm_release
from components._monitoring_resource import monitoring_resource
from manifests.exporters import blackbox_exporter_values, exporter_monitor_specification
from manifests.probes import probe_specifications

TOKEN: Final = "monitoring:index:BlackboxExporter"


class BlackboxExporter(pulumi.ComponentResource):
    """The exporter and one Probe for each address, so that a changed address shows as a change of its Probe only."""

    def __init__(self, name: str, args: ExporterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Release the chart, and create the monitor of its own metrics and the Probes."""
        super().__init__(TOKEN, name, None, opts)
        interval = args.settings.blackbox_exporter.scrape_interval
        released = helm_release(
            f"{name}-release",
            args.chart,
            args.settings.namespace,
            blackbox_exporter_values(args.settings.blackbox_exporter, args.priority_class),
            pulumi.ResourceOptions(parent=self, depends_on=args.depends_on),
        )
        child = pulumi.ResourceOptions(parent=self, depends_on=[*args.depends_on, released])
        # Not the chart's: that one names no port, so its targets would lack the label by which alerts tell them apart.
        monitoring_resource(
            f"{name}-monitor",
            "ServiceMonitor",
            resource_name=BLACKBOX_EXPORTER.name,
            namespace=args.settings.namespace,
            specification=exporter_monitor_specification(BLACKBOX_EXPORTER, interval),
            opts=child,
        )
        prober = f"{BLACKBOX_EXPORTER.chart}.{args.settings.namespace}.svc:{BLACKBOX_EXPORTER.port}"
        for probe, specification in probe_specifications(
            args.settings.probes, prober=prober, interval=interval
        ).items():
            monitoring_resource(
                probe,
                "Probe",
                resource_name=probe,
                namespace=args.settings.namespace,
                specification=specification,
                opts=child,
            )
        self.register_outputs({})
