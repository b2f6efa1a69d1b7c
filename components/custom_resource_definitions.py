"""Custom resource definitions (CRDs) of the Prometheus Operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from components._helm_release import helm_release
from manifests.charts import ChartSource

TOKEN: Final = "monitoring:index:CustomResourceDefinitions"


@dataclass(frozen=True, kw_only=True)
class CustomResourceDefinitionsArgs:
    """Arguments of the CRDs.

    Attributes:
        chart: Source of the Helm chart.
        namespace: Namespace with the record of the Helm release.
        existing: Whether the cluster has them already, from another release.
        depends_on: Resources that must exist first.
    """

    chart: ChartSource
    namespace: str
    existing: bool
    depends_on: Sequence[pulumi.Resource] = ()


class CustomResourceDefinitions(pulumi.ComponentResource):
    """The CRDs, upgraded with their chart."""

    def __init__(
        self, name: str, args: CustomResourceDefinitionsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Release the chart, unless another release owns the CRDs."""
        super().__init__(TOKEN, name, None, opts)
        if args.existing:
            self.register_outputs({})
            return
        # The CRDs outlive the stack: deleting one would delete all objects of its kind.
        helm_release(
            f"{name}-release",
            args.chart,
            args.namespace,
            {"crds": {"annotations": {"helm.sh/resource-policy": "keep"}}},
            pulumi.ResourceOptions(parent=self, depends_on=args.depends_on),
        )
        self.register_outputs({})
