"""kube-state-metrics: state of pods, nodes and workloads, from the API server."""

from typing import Final

import pulumi

from components._exporter import ExporterArgs
from components._helm_release import helm_release
from components._monitoring_resource import monitoring_resource
from manifests.cluster_objects import kube_state_metrics_name
from manifests.exporters import kube_state_metrics_monitor_spec, kube_state_metrics_values

TOKEN: Final = "monitoring:index:KubeStateMetrics"


class KubeStateMetrics(pulumi.ComponentResource):
    """One pod with metrics of all objects except Secrets and ConfigMaps."""

    def __init__(self, name: str, args: ExporterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Release the chart."""
        super().__init__(TOKEN, name, None, opts)
        settings, object_name = args.settings, kube_state_metrics_name(args.settings)
        release = helm_release(
            f"{name}-release",
            args.chart,
            settings.namespace,
            kube_state_metrics_values(
                settings.kube_state_metrics,
                args.priority_class,
                name=object_name,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=args.depends_on),
        )
        # After the release: an earlier version of this program left the monitor to the chart, under the same name.
        monitoring_resource(
            f"{name}-monitor",
            "ServiceMonitor",
            resource_name=object_name,
            namespace=settings.namespace,
            spec=kube_state_metrics_monitor_spec(
                settings.kube_state_metrics, settings.prometheus.scrape_limits.platform
            ),
            selector=settings.selector,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.depends_on, release]),
        )
        self.register_outputs({})
