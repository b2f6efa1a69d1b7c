"""The blackbox exporter: asks addresses from outside, as a customer would, on Prometheus's behalf."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from common.labels import piece
from components._helm_release import release
from components._monitoring_resource import picked_up
from manifests import charts
from manifests.charts import ChartSource
from manifests.exporters import BLACKBOX_EXPORTER, BLACKBOX_EXPORTER_PORT, blackbox_exporter_values
from manifests.probes import probe_specifications
from settings import exporters
from settings.probes import Probes

TOKEN: Final = "monitoring:index:BlackboxExporter"


@dataclass(frozen=True, kw_only=True)
class BlackboxExporterArgs:
    """The chart, its namespace, the exporter's settings, what it probes, its priority, and what must exist first."""

    chart: ChartSource
    namespace: str
    blackbox_exporter: exporters.BlackboxExporter
    probes: Probes
    priority_class: str
    after: Sequence[pulumi.Resource] = ()


class BlackboxExporter(pulumi.ComponentResource):
    """The exporter and one Probe for each address, so that a changed address shows as a change of its Probe only."""

    def __init__(self, name: str, args: BlackboxExporterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Release the chart, and create the monitor of its own metrics and the Probes."""
        super().__init__(TOKEN, name, None, opts)
        interval = args.blackbox_exporter.scrape_interval
        released = release(
            f"{name}-release",
            args.chart,
            args.namespace,
            blackbox_exporter_values(args.blackbox_exporter, args.priority_class),
            pulumi.ResourceOptions(parent=self, depends_on=args.after),
        )
        child = pulumi.ResourceOptions(parent=self, depends_on=[*args.after, released])
        # Not the chart's: that one names no port, so its targets would lack the label by which alerts tell them apart.
        picked_up(
            f"{name}-monitor",
            "ServiceMonitor",
            called=BLACKBOX_EXPORTER,
            namespace=args.namespace,
            specification={
                # The job; without it the name of the Service, which is that of the chart.
                "jobLabel": next(iter(piece(BLACKBOX_EXPORTER))),
                "selector": {"matchLabels": piece(BLACKBOX_EXPORTER)},
                "endpoints": [{"port": "http", **({"interval": interval} if interval else {})}],
            },
            opts=child,
        )
        prober = f"{charts.BLACKBOX_EXPORTER.name}.{args.namespace}.svc:{BLACKBOX_EXPORTER_PORT}"
        for probe, specification in probe_specifications(args.probes, prober=prober, interval=interval).items():
            picked_up(probe, "Probe", called=probe, namespace=args.namespace, specification=specification, opts=child)
        self.register_outputs({})
