"""Monitors of the BAIS services."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from components._monitoring_resource import monitoring_resource
from manifests.services import service_monitor
from settings.scrape_limits import ScrapeLimits
from settings.services import ServiceSettings

TOKEN: Final = "monitoring:index:BaisServices"


@dataclass(frozen=True, kw_only=True)
class BaisServicesArgs:
    """Arguments of the monitors of the BAIS services.

    Attributes:
        namespace: Namespace of the stack.
        services: Settings of the services.
        selector: Label with which Prometheus selects.
        limits: Limits of each scrape.
        depends_on: Resources that must exist first.
    """

    namespace: str
    services: Sequence[ServiceSettings]
    selector: Mapping[str, str]
    limits: ScrapeLimits
    depends_on: Sequence[pulumi.Resource] = ()


class BaisServices(pulumi.ComponentResource):
    """One monitor per service.

    They are in the stack's namespace, because another team may delete the namespace of the service.
    """

    def __init__(self, name: str, args: BaisServicesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create the monitors."""
        super().__init__(TOKEN, name, None, opts)
        # The prefix avoids name conflicts with the stack's own monitors.
        for service in args.services:
            kind, spec = service_monitor(service, args.limits)
            monitoring_resource(
                f"service-{service.name}",
                kind,
                resource_name=f"service-{service.name}",
                namespace=args.namespace,
                spec=spec,
                selector=args.selector,
                opts=pulumi.ResourceOptions(parent=self, depends_on=args.depends_on),
            )
        self.register_outputs({})
