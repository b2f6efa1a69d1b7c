"""kube-state-metrics: the state of pods, nodes and workloads as the API server knows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from components._helm_release import helm_release
from manifests.charts import ChartSource
from manifests.exporters import kube_state_metrics_values
from settings import exporters

TOKEN: Final = "monitoring:index:KubeStateMetrics"


@dataclass(frozen=True, kw_only=True)
class KubeStateMetricsArgs:
    """The chart, its namespace, the exporter's settings, its priority class, and what must exist first."""

    chart: ChartSource
    namespace: str
    kube_state_metrics: exporters.KubeStateMetricsSettings
    priority_class: str
    depends_on: Sequence[pulumi.Resource] = ()


class KubeStateMetrics(pulumi.ComponentResource):
    """One pod that reports on every object of the cluster but Secrets and ConfigMaps."""

    def __init__(self, name: str, args: KubeStateMetricsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Release the chart."""
        super().__init__(TOKEN, name, None, opts)
        helm_release(
            f"{name}-release",
            args.chart,
            args.namespace,
            kube_state_metrics_values(args.kube_state_metrics, args.priority_class),
            pulumi.ResourceOptions(parent=self, depends_on=args.depends_on),
        )
        self.register_outputs({})
