"""Alerting catalogue: one PrometheusRule per area."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from catalogue.stack import rule_name
from components._monitoring_resource import monitoring_resource

TOKEN: Final = "monitoring:index:AlertingCatalogue"


@dataclass(frozen=True, kw_only=True)
class AlertingCatalogueArgs:
    """Arguments of the alerting catalogue.

    Attributes:
        namespace: Namespace of the stack.
        rules: Rendered rule file per area.
        selector: Label with which Prometheus selects.
        depends_on: Resources that must exist first.
    """

    namespace: str
    rules: Mapping[str, Mapping[str, Any]]
    selector: Mapping[str, str]
    depends_on: Sequence[pulumi.Resource] = ()


class AlertingCatalogue(pulumi.ComponentResource):
    """The rules that Prometheus evaluates.

    Attributes:
        alert_names: Names of all alerts, sorted.
    """

    alert_names: list[str]

    def __init__(self, name: str, args: AlertingCatalogueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create one PrometheusRule per area, so that a diff shows only changed areas."""
        super().__init__(TOKEN, name, None, opts)
        for area, rules in args.rules.items():
            monitoring_resource(
                area,
                "PrometheusRule",
                resource_name=rule_name(area),
                namespace=args.namespace,
                spec=rules,
                selector=args.selector,
                labels={"monitoring/area": area},
                opts=pulumi.ResourceOptions(parent=self, depends_on=args.depends_on),
            )
        self.alert_names = sorted(
            rule["alert"]
            for rules in args.rules.values()
            for group in rules["groups"]
            for rule in group["rules"]
            if "alert" in rule
        )
        self.register_outputs({"alert_names": self.alert_names})
