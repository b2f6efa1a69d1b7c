"""Prometheus Operator: runs Prometheus and Alertmanager from custom resources."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from components._helm_release import helm_release
from manifests.charts import ChartSource
from manifests.operator import operator_values
from settings.stack import StackSettings

TOKEN: Final = "monitoring:index:Operator"


@dataclass(frozen=True, kw_only=True)
class OperatorArgs:
    """Arguments of the operator.

    Attributes:
        chart: Source of the Helm chart.
        settings: Settings of the stack.
        depends_on: Resources that must exist first.
    """

    chart: ChartSource
    settings: StackSettings
    depends_on: Sequence[pulumi.Resource] = ()


class Operator(pulumi.ComponentResource):
    """The operator and the monitors of the cluster's own targets."""

    def __init__(self, name: str, args: OperatorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Release the chart without the parts that this project creates itself."""
        super().__init__(TOKEN, name, None, opts)
        helm_release(
            f"{name}-release",
            args.chart,
            args.settings.namespace,
            operator_values(args.settings),
            pulumi.ResourceOptions(parent=self, depends_on=args.depends_on),
        )
        self.register_outputs({})
