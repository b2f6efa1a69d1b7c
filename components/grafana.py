"""Grafana: dashboards of metrics and alerts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from urllib.parse import urlsplit

import pulumi
import pulumi_random as random
from pulumi_kubernetes import core, meta, networking, rbac

from common import ports
from common.labels import component_labels
from common.secrets import GRAFANA_ADMIN, GRAFANA_FILES
from components._helm_release import helm_release
from components._monitoring_resource import monitoring_resource
from components._volume_claim import volume_claim
from manifests.charts import ChartSource
from manifests.grafana import NAME, PORT_NAME, grafana_values
from manifests.grafana_ini import SECRET_KEY_FILE
from manifests.scrape_limits import monitor_limits
from manifests.volume_claims import grafana_claim
from preflight.generated_secrets import GeneratedSecrets
from settings.credentials import GRAFANA_OAUTH_CLIENT_SECRET
from settings.grafana import Ingress
from settings.stack import StackSettings

TOKEN: Final = "monitoring:index:Grafana"

# Without a controller for its class, an ingress never gets an address, and `up` would wait for it.
_SKIP_AWAIT: Final = {"pulumi.com/skipAwait": "true"}


@dataclass(frozen=True, kw_only=True)
class GrafanaArgs:
    """Arguments of Grafana.

    Attributes:
        settings: Settings of the stack.
        chart: Source of the Helm chart.
        prometheus_url: URL of the Prometheus data source.
        alertmanager_url: URL of the Alertmanager data source.
        client_secret: OAuth client secret, always secret; None without single sign-on.
        generated: Values that an earlier deployment generated, by key, by Secret.
        depends_on: Resources that must exist first.
    """

    settings: StackSettings
    chart: ChartSource
    prometheus_url: str
    alertmanager_url: str
    client_secret: pulumi.Input[str] | None = field(default=None, repr=False)
    generated: GeneratedSecrets = field(default_factory=dict, repr=False)
    depends_on: Sequence[pulumi.Resource] = ()


class Grafana(pulumi.ComponentResource):
    """Grafana with its own volume.

    Attributes:
        url: URL inside the cluster.
        admin_secret: Name of the Secret with the administrator's account.
    """

    url: str
    admin_secret: str

    def __init__(self, name: str, args: GrafanaArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create the Secrets, volume claim, role, release, monitor and ingress."""
        super().__init__(TOKEN, name, None, opts)
        settings, namespace = args.settings, args.settings.namespace
        self.url = f"http://{NAME}.{namespace}.svc:{ports.GRAFANA}"
        self.admin_secret = settings.grafana.admin_secret or GRAFANA_ADMIN
        child = pulumi.ResourceOptions(parent=self, depends_on=args.depends_on)
        release = helm_release(
            f"{name}-release",
            args.chart,
            namespace,
            grafana_values(
                settings.grafana,
                address=settings.links.grafana,
                admin_secret=self.admin_secret,
                prometheus_url=args.prometheus_url,
                alertmanager_url=args.alertmanager_url,
                scrape_interval=settings.prometheus.scrape_interval,
                priority_class=settings.priority_classes.components,
            ),
            pulumi.ResourceOptions(
                parent=self,
                depends_on=[
                    *args.depends_on,
                    *_secrets(name, args, child),
                    # Not part of the chart, so that the data outlives a recreated release.
                    volume_claim(
                        grafana_claim(settings.grafana),
                        namespace,
                        labels=component_labels(NAME),
                        retain_data=settings.retains_data,
                        opts=child,
                    ),
                    *_role_binding(name, namespace, child),
                ],
            ),
        )
        after_release = pulumi.ResourceOptions(parent=self, depends_on=[*args.depends_on, release])
        monitoring_resource(
            f"{name}-monitor",
            "ServiceMonitor",
            resource_name=NAME,
            namespace=namespace,
            spec={
                "jobLabel": next(iter(component_labels(NAME))),
                "selector": {"matchLabels": component_labels(NAME)},
                "endpoints": [{"port": PORT_NAME}],
                **monitor_limits(settings.prometheus.scrape_limits.platform),
            },
            selector=settings.selector,
            opts=after_release,
        )
        if settings.grafana.ingress:
            _ingress(name, settings, settings.grafana.ingress, after_release)
        self.register_outputs({"url": self.url, "adminSecret": self.admin_secret})


def _secrets(name: str, args: GrafanaArgs, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
    """Create the Secret with files, and the administrator's account unless the settings name one.

    They are retained with the data of Grafana that depends on them, and adopted with it.
    """
    retained = pulumi.ResourceOptions(retain_on_delete=args.settings.retains_data)
    secret = partial(core.v1.Secret, opts=pulumi.ResourceOptions.merge(opts, retained))
    metadata = partial(meta.v1.ObjectMetaArgs, namespace=args.settings.namespace)

    def generated(secret_name: str, key: str, password_name: str) -> pulumi.Input[str]:
        password = random.RandomPassword(
            password_name, length=32, special=False, opts=pulumi.ResourceOptions(parent=opts.parent)
        )
        existing = args.generated.get(secret_name, {}).get(key)
        return pulumi.Output.secret(existing) if existing else password.result

    files = {SECRET_KEY_FILE: generated(GRAFANA_FILES, SECRET_KEY_FILE, f"{name}-secret-key")}
    if args.client_secret is not None:
        files[GRAFANA_OAUTH_CLIENT_SECRET.file] = pulumi.Output.secret(args.client_secret)
    secrets: list[pulumi.Resource] = [secret(f"{name}-files", metadata=metadata(name=GRAFANA_FILES), string_data=files)]
    if args.settings.grafana.admin_secret is None:
        password = generated(GRAFANA_ADMIN, "admin-password", f"{name}-admin-password")
        account = {"admin-user": "admin", "admin-password": password}
        secrets.append(secret(f"{name}-admin", metadata=metadata(name=GRAFANA_ADMIN), string_data=account))
    return secrets


def _role_binding(name: str, namespace: str, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
    """Allow the sidecar to read the ConfigMaps of its own namespace."""
    metadata = meta.v1.ObjectMetaArgs(name=NAME, namespace=namespace)
    role = rbac.v1.Role(
        f"{name}-role",
        metadata=metadata,
        rules=[rbac.v1.PolicyRuleArgs(api_groups=[""], resources=["configmaps"], verbs=["get", "list", "watch"])],
        opts=opts,
    )
    binding = rbac.v1.RoleBinding(
        f"{name}-role-binding",
        metadata=metadata,
        role_ref=rbac.v1.RoleRefArgs(api_group="rbac.authorization.k8s.io", kind="Role", name=NAME),
        # The service account that the chart creates; it has the name of the release.
        subjects=[rbac.v1.SubjectArgs(kind="ServiceAccount", name=NAME, namespace=namespace)],
        opts=opts,
    )
    return [role, binding]


def _ingress(name: str, settings: StackSettings, ingress: Ingress, opts: pulumi.ResourceOptions) -> None:
    host = urlsplit(settings.links.grafana).hostname or ""
    backend = networking.v1.IngressBackendArgs(
        service=networking.v1.IngressServiceBackendArgs(
            name=NAME, port=networking.v1.ServiceBackendPortArgs(name=PORT_NAME)
        )
    )
    path = networking.v1.HTTPIngressPathArgs(path="/", path_type="Prefix", backend=backend)
    networking.v1.Ingress(
        f"{name}-ingress",
        metadata=meta.v1.ObjectMetaArgs(
            name=NAME, namespace=settings.namespace, annotations={**ingress.annotations, **_SKIP_AWAIT}
        ),
        spec=networking.v1.IngressSpecArgs(
            ingress_class_name=ingress.class_name,
            tls=[networking.v1.IngressTLSArgs(hosts=[host], secret_name=ingress.tls_secret)],
            rules=[networking.v1.IngressRuleArgs(host=host, http=networking.v1.HTTPIngressRuleValueArgs(paths=[path]))],
        ),
        opts=opts,
    )
