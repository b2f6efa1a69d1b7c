"""kube-state-metrics: state of pods, nodes and workloads, from the API server."""

from typing import Final

import pulumi

from components._exporter import ExporterArgs
from components._helm_release import helm_release
from manifests.cluster_objects import kube_state_metrics_name
from manifests.exporters import kube_state_metrics_values

TOKEN: Final = "monitoring:index:KubeStateMetrics"


class KubeStateMetrics(pulumi.ComponentResource):
    """One pod with metrics of all objects except Secrets and ConfigMaps."""

    def __init__(self, name: str, args: ExporterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Release the chart."""
        super().__init__(TOKEN, name, None, opts)
        helm_release(
            f"{name}-release",
            args.chart,
            args.settings.namespace,
            kube_state_metrics_values(
                args.settings.kube_state_metrics,
                args.priority_class,
                name=kube_state_metrics_name(args.settings),
                selector=args.settings.selector,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=args.depends_on),
        )
        self.register_outputs({})
