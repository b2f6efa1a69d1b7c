"""kube-state-metrics: the state of pods, nodes and workloads as the API server knows it."""

from typing import Final

import pulumi

from components._exporter import ExporterArgs
from components._helm_release import helm_release
from manifests.exporters import kube_state_metrics_values

TOKEN: Final = "monitoring:index:KubeStateMetrics"


class KubeStateMetrics(pulumi.ComponentResource):
    """One pod that reports on every object of the cluster but Secrets and ConfigMaps."""

    def __init__(self, name: str, args: ExporterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Release the chart."""
        super().__init__(TOKEN, name, None, opts)
        helm_release(
            f"{name}-release",
            args.chart,
            args.settings.namespace,
            kube_state_metrics_values(args.settings.kube_state_metrics, args.priority_class),
            pulumi.ResourceOptions(parent=self, depends_on=args.depends_on),
        )
        self.register_outputs({})
