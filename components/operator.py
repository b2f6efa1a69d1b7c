"""Prometheus Operator: runs Prometheus and Alertmanager from custom resources."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from components._helm_release import helm_release
from manifests.charts import ChartSource
from manifests.operator import operator_values
from settings import stack

TOKEN: Final = "monitoring:index:Operator"


@dataclass(frozen=True, kw_only=True)
class OperatorArgs:
    """Arguments of the operator.

    Attributes:
        chart: Source of the Helm chart.
        namespace: Namespace of the stack.
        operator: Settings of the operator and of the cluster's own targets.
        scrape_interval: Scrape interval of Prometheus.
        priority_class: Priority class of the pod.
        depends_on: Resources that must exist first.
    """

    chart: ChartSource
    namespace: str
    operator: stack.OperatorSettings
    scrape_interval: str
    priority_class: str
    depends_on: Sequence[pulumi.Resource] = ()


class Operator(pulumi.ComponentResource):
    """The operator and the monitors of the cluster's own targets."""

    def __init__(self, name: str, args: OperatorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Release the chart without the parts that this project creates itself."""
        super().__init__(TOKEN, name, None, opts)
        helm_release(
            f"{name}-release",
            args.chart,
            args.namespace,
            operator_values(
                args.operator,
                namespace=args.namespace,
                scrape_interval=args.scrape_interval,
                priority_class=args.priority_class,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=args.depends_on),
        )
        self.register_outputs({})
