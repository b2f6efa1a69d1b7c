"""Alertmanager: grouping, silencing, routing and delivery of alerts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
import yaml
from pulumi_kubernetes import core, meta

from common import ports
from common.labels import pod_labels
from common.secrets import ALERTMANAGER_CONFIGURATION
from components._operator_instance import OperatorInstance, create_operator_instance
from components._volume_claim import volume_claim
from manifests.alertmanager import alertmanager_spec
from manifests.volume_claims import alertmanager_claims
from routing.routes import alertmanager_configuration
from routing.templates import templates
from settings.stack import StackSettings

TOKEN: Final = "monitoring:index:Alertmanager"

NAME: Final = "alertmanager"


@dataclass(frozen=True, kw_only=True)
class AlertmanagerArgs:
    """Arguments of Alertmanager.

    Attributes:
        settings: Settings of the stack.
        tokens: Value of each credential by file name, always secret; empty if the stack uses an existing Secret.
        depends_on: Resources that must exist first.
    """

    settings: StackSettings
    tokens: Mapping[str, pulumi.Input[str]] = field(repr=False)
    depends_on: Sequence[pulumi.Resource] = ()


class Alertmanager(pulumi.ComponentResource):
    """A cluster of Alertmanagers, each with its own volume.

    Attributes:
        name: Name of the Service.
        url: URL inside the cluster.
    """

    name: str
    url: str

    def __init__(self, name: str, args: AlertmanagerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create the Secrets, service account, volume claims and custom resource."""
        settings, namespace, notifications = args.settings, args.settings.namespace, args.settings.notifications
        configuration = alertmanager_configuration(notifications, settings.links)
        text = yaml.dump(configuration, Dumper=yaml.CSafeDumper, sort_keys=False)
        template_files = templates()
        # The engine hides the content of Secrets. The configuration holds no credentials, so it is also an input of the
        # component, where a preview shows a changed route.
        super().__init__(TOKEN, name, {"configuration": configuration, "templates": template_files}, opts)
        child = pulumi.ResourceOptions(parent=self, depends_on=args.depends_on)
        configuration_secret = core.v1.Secret(
            f"{name}-configuration",
            metadata=meta.v1.ObjectMetaArgs(name=ALERTMANAGER_CONFIGURATION, namespace=namespace),
            string_data={"alertmanager.yaml": text, **template_files},
            opts=child,
        )
        secrets = [configuration_secret]
        if notifications.existing_secret is None:
            secrets.append(
                core.v1.Secret(
                    f"{name}-tokens",
                    metadata=meta.v1.ObjectMetaArgs(name=notifications.token_secret, namespace=namespace),
                    string_data={file: pulumi.Output.secret(token) for file, token in args.tokens.items()},
                    opts=child,
                )
            )
        account = core.v1.ServiceAccount(
            f"{name}-service-account",
            metadata=meta.v1.ObjectMetaArgs(name=NAME, namespace=namespace),
            # It does not use the Kubernetes API.
            automount_service_account_token=False,
            opts=child,
        )
        claims = [
            volume_claim(claim, namespace, labels=pod_labels(NAME, NAME), retain_data=settings.retains_data, opts=child)
            for claim in alertmanager_claims(settings.alertmanager)
        ]
        instance = OperatorInstance(
            kind="Alertmanager",
            name=NAME,
            namespace=namespace,
            port=ports.ALERTMANAGER,
            replicas=settings.alertmanager.replicas,
            selector=settings.selector,
            controller_id=settings.operator.controller_id,
            scrape_limits=settings.prometheus.scrape_limits.platform,
        )
        spec = alertmanager_spec(
            settings.alertmanager,
            environment=settings.environment,
            selector=settings.selector,
            service_account=NAME,
            configuration=ALERTMANAGER_CONFIGURATION,
            tokens=notifications.token_secret,
            external_url=settings.links.alertmanager or instance.url,
            priority_class=settings.priority_classes.components,
        )
        create_operator_instance(
            name,
            instance,
            spec,
            pulumi.ResourceOptions(parent=self, depends_on=[*args.depends_on, *secrets, account, *claims]),
        )
        self.name = NAME
        self.url = instance.url
        self.register_outputs({"url": self.url})
