"""The blackbox exporter: asks addresses from outside, as a customer would, on Prometheus's behalf."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from common.labels import component_labels
from components._helm_release import helm_release
from components._monitoring_resource import monitoring_resource
from manifests import charts
from manifests.charts import ChartSource
from manifests.exporters import BLACKBOX_EXPORTER, BLACKBOX_EXPORTER_PORT, blackbox_exporter_values
from manifests.probes import probe_specifications
from settings import exporters
from settings.probes import ProbesSettings

TOKEN: Final = "monitoring:index:BlackboxExporter"


@dataclass(frozen=True, kw_only=True)
class BlackboxExporterArgs:
    """The chart, its namespace, the exporter's settings, what it probes, its priority, and what must exist first."""

    chart: ChartSource
    namespace: str
    blackbox_exporter: exporters.BlackboxExporterSettings
    probes: ProbesSettings
    priority_class: str
    depends_on: Sequence[pulumi.Resource] = ()


class BlackboxExporter(pulumi.ComponentResource):
    """The exporter and one Probe for each address, so that a changed address shows as a change of its Probe only."""

    def __init__(self, name: str, args: BlackboxExporterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Release the chart, and create the monitor of its own metrics and the Probes."""
        super().__init__(TOKEN, name, None, opts)
        interval = args.blackbox_exporter.scrape_interval
        released = helm_release(
            f"{name}-release",
            args.chart,
            args.namespace,
            blackbox_exporter_values(args.blackbox_exporter, args.priority_class),
            pulumi.ResourceOptions(parent=self, depends_on=args.depends_on),
        )
        child = pulumi.ResourceOptions(parent=self, depends_on=[*args.depends_on, released])
        # Not the chart's: that one names no port, so its targets would lack the label by which alerts tell them apart.
        monitoring_resource(
            f"{name}-monitor",
            "ServiceMonitor",
            resource_name=BLACKBOX_EXPORTER,
            namespace=args.namespace,
            specification={
                # The job; without it the name of the Service, which is that of the chart.
                "jobLabel": next(iter(component_labels(BLACKBOX_EXPORTER))),
                "selector": {"matchLabels": component_labels(BLACKBOX_EXPORTER)},
                "endpoints": [{"port": "http", **({"interval": interval} if interval else {})}],
            },
            opts=child,
        )
        prober = f"{charts.BLACKBOX_EXPORTER.name}.{args.namespace}.svc:{BLACKBOX_EXPORTER_PORT}"
        for probe, specification in probe_specifications(args.probes, prober=prober, interval=interval).items():
            monitoring_resource(
                probe, "Probe", resource_name=probe, namespace=args.namespace, specification=specification, opts=child
            )
        self.register_outputs({})
