"""The operator that turns custom resources into running Prometheus and Alertmanager pods."""

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
    """The chart, its namespace, the operator's settings, how often targets are scraped, and what must exist first.

    `priority_class` names that of the pod.
    """

    chart: ChartSource
    namespace: str
    operator: stack.OperatorSettings
    scrape_interval: str
    priority_class: str
    depends_on: Sequence[pulumi.Resource] = ()


class Operator(pulumi.ComponentResource):
    """The operator and the scrape targets of the cluster itself."""

    def __init__(self, name: str, args: OperatorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Release the chart with everything off that this project makes itself."""
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
