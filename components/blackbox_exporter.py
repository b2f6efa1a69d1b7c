"""Blackbox exporter: probes of endpoints as a client sees them."""

from typing import Final

import pulumi

from common.exporters import BLACKBOX_EXPORTER
from components._exporter import ExporterArgs
from components._helm_release import helm_release
from components._monitoring_resource import monitoring_resource
from manifests.exporters import blackbox_exporter_values, exporter_monitor_spec
from manifests.probes import probe_specs

TOKEN: Final = "monitoring:index:BlackboxExporter"


class BlackboxExporter(pulumi.ComponentResource):
    """The exporter and one Probe per target, so that a diff shows only changed ones."""

    def __init__(self, name: str, args: ExporterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Release the chart and create the monitor of its own metrics and the Probes."""
        super().__init__(TOKEN, name, None, opts)
        interval = args.settings.blackbox_exporter.scrape_interval
        limits = args.settings.prometheus.scrape_limits.platform
        release = helm_release(
            f"{name}-release",
            args.chart,
            args.settings.namespace,
            blackbox_exporter_values(args.settings.blackbox_exporter, args.priority_class),
            pulumi.ResourceOptions(parent=self, depends_on=args.depends_on),
        )
        child = pulumi.ResourceOptions(parent=self, depends_on=[*args.depends_on, release])
        # Replaces the chart's monitor, which names no port: without one, targets lack the label `endpoint`, by which
        # rules distinguish them from targets of Probes.
        monitoring_resource(
            f"{name}-monitor",
            "ServiceMonitor",
            resource_name=BLACKBOX_EXPORTER.name,
            namespace=args.settings.namespace,
            spec=exporter_monitor_spec(BLACKBOX_EXPORTER, interval, limits),
            selector=args.settings.selector,
            opts=child,
        )
        prober = f"{BLACKBOX_EXPORTER.chart}.{args.settings.namespace}.svc:{BLACKBOX_EXPORTER.port}"
        for probe, spec in probe_specs(args.settings.probes, prober=prober, interval=interval, limits=limits).items():
            monitoring_resource(
                probe,
                "Probe",
                resource_name=probe,
                namespace=args.settings.namespace,
                spec=spec,
                selector=args.settings.selector,
                opts=child,
            )
        self.register_outputs({})
