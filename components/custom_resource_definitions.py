"""The kinds of object that the operator understands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from components._helm_release import helm_release
from manifests.charts import ChartSource

TOKEN: Final = "monitoring:index:CustomResourceDefinitions"


@dataclass(frozen=True, kw_only=True)
class CustomResourceDefinitionsArgs:
    """The chart, the namespace that keeps its record, and what must exist first."""

    chart: ChartSource
    namespace: str
    depends_on: Sequence[pulumi.Resource] = ()


class CustomResourceDefinitions(pulumi.ComponentResource):
    """The definitions, upgraded with their chart."""

    def __init__(
        self, name: str, args: CustomResourceDefinitionsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Release the chart; destroying the stack leaves the definitions: all objects of their kinds hang on them."""
        super().__init__(TOKEN, name, None, opts)
        helm_release(
            f"{name}-release",
            args.chart,
            args.namespace,
            {"crds": {"annotations": {"helm.sh/resource-policy": "keep"}}},
            pulumi.ResourceOptions(parent=self, depends_on=args.depends_on),
        )
        self.register_outputs({})
