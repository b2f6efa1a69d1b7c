"""Alertmanager: groups, silences and routes alerts, and delivers them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
import yaml
from pulumi_kubernetes import core, meta

from common import ports
from common.labels import pod_labels
from components._operator_instance import OperatorInstance, create_operator_instance
from components._volume_claim import volume_claim
from manifests.alertmanager import alertmanager_specification
from manifests.volume_claims import alertmanager_claims
from routing.routes import alertmanager_configuration
from routing.templates import templates
from settings.alertmanager import AlertmanagerSettings
from settings.notifications import NotificationsSettings

TOKEN: Final = "monitoring:index:Alertmanager"

NAME: Final = "alertmanager"
_CONFIGURATION: Final = "alertmanager-configuration"


@dataclass(frozen=True, kw_only=True)
class AlertmanagerArgs:
    """Inputs of Alertmanager.

    Attributes:
        retain_data: keep the volume claims when the stack is destroyed.
        notifications: the channels in use.
        tokens: the value of each credential by its file name, always secret; empty with an existing Secret.
        external_url: the address that links lead to; without it, the address inside the cluster.
    """

    namespace: str
    alertmanager: AlertmanagerSettings
    retain_data: bool
    notifications: NotificationsSettings
    tokens: Mapping[str, pulumi.Input[str]] = field(repr=False)
    priority_class: str
    external_url: str | None = None
    depends_on: Sequence[pulumi.Resource] = ()


class Alertmanager(pulumi.ComponentResource):
    """A cluster of Alertmanagers with volumes of their own; `name` is its Service, `url` its address in the cluster."""

    name: str
    url: str

    def __init__(self, name: str, args: AlertmanagerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create the Secrets, the service account, the custom resource, and the way to it."""
        routing = alertmanager_configuration(args.notifications)
        # The engine hides all of a Secret; as the input of the component, without a token in it, a changed route shows.
        messages = templates()
        super().__init__(TOKEN, name, {"configuration": routing, "templates": messages}, opts)
        child = pulumi.ResourceOptions(parent=self, depends_on=args.depends_on)
        configuration = core.v1.Secret(
            f"{name}-configuration",
            metadata=meta.v1.ObjectMetaArgs(name=_CONFIGURATION, namespace=args.namespace),
            string_data={"alertmanager.yaml": yaml.safe_dump(routing, sort_keys=False), **messages},
            opts=child,
        )
        mounted = [configuration]
        if args.notifications.existing_secret is None:
            mounted.append(
                core.v1.Secret(
                    f"{name}-tokens",
                    metadata=meta.v1.ObjectMetaArgs(name=args.notifications.token_secret, namespace=args.namespace),
                    string_data={file: pulumi.Output.secret(token) for file, token in args.tokens.items()},
                    opts=child,
                )
            )
        account = core.v1.ServiceAccount(
            f"{name}-service-account",
            metadata=meta.v1.ObjectMetaArgs(name=NAME, namespace=args.namespace),
            # It talks to nobody in the cluster.
            automount_service_account_token=False,
            opts=child,
        )
        claims = [
            volume_claim(each, args.namespace, labels=pod_labels(NAME, NAME), retain_data=args.retain_data, opts=child)
            for each in alertmanager_claims(args.alertmanager)
        ]
        served = OperatorInstance(
            kind="Alertmanager",
            name=NAME,
            namespace=args.namespace,
            port=ports.ALERTMANAGER,
            replicas=args.alertmanager.replicas,
        )
        specification = alertmanager_specification(
            args.alertmanager,
            service_account=NAME,
            configuration=_CONFIGURATION,
            tokens=args.notifications.token_secret,
            external_url=args.external_url or served.url,
            priority_class=args.priority_class,
        )
        create_operator_instance(
            name,
            served,
            specification,
            pulumi.ResourceOptions(parent=self, depends_on=[*args.depends_on, *mounted, account, *claims]),
        )
        self.name = NAME
        self.url = served.url
        self.register_outputs({"url": self.url})
