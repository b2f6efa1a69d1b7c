"""The services of BAIS as Prometheus's targets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from components._monitoring_resource import monitoring_resource
from manifests.services import service_monitor
from settings.services import ServiceSettings

TOKEN: Final = "monitoring:index:BaisServices"


@dataclass(frozen=True, kw_only=True)
class BaisServicesArgs:
    """The stack's namespace, the services, and what must exist first."""

    namespace: str
    services: Sequence[ServiceSettings]
    depends_on: Sequence[pulumi.Resource] = ()


class BaisServices(pulumi.ComponentResource):
    """A monitor for each service, here and not in its namespace, which another team may delete."""

    def __init__(self, name: str, args: BaisServicesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create the monitors; the prefix keeps their names from those of the stack's own."""
        super().__init__(TOKEN, name, None, opts)
        for service in args.services:
            kind, specification = service_monitor(service)
            monitoring_resource(
                f"service-{service.name}",
                kind,
                resource_name=f"service-{service.name}",
                namespace=args.namespace,
                specification=specification,
                opts=pulumi.ResourceOptions(parent=self, depends_on=args.depends_on),
            )
        self.register_outputs({})
