"""The monitoring stack of one environment."""

from pathlib import Path

import pulumi

from components import (
    AlertingCatalogue,
    AlertingCatalogueArgs,
    Alertmanager,
    AlertmanagerArgs,
    BaisServices,
    BaisServicesArgs,
    Dashboards,
    DashboardsArgs,
    Grafana,
    GrafanaArgs,
    Prometheus,
    PrometheusArgs,
    Runbooks,
    RunbooksArgs,
    cluster_provider,
    deploy_exporters,
    deploy_foundation,
)
from manifests import charts
from manifests.scale_out import query_url
from outputs import outputs
from preflight.plan import prepare_stack
from settings import credentials, sources
from settings.loader import SettingsError

raw = sources.from_engine()
try:
    plan = prepare_stack(raw, Path(__file__).resolve().parent)
except SettingsError as error:
    raise pulumi.RunError(str(error)) from None
settings = plan.settings
namespace = settings.namespace

opts = pulumi.ResourceOptions(providers=[cluster_provider(settings)])
foundation = deploy_foundation(settings, opts)
deploy_exporters(settings, [foundation.definitions], opts)
BaisServices(
    "bais-services",
    BaisServicesArgs(namespace=namespace, services=settings.services, depends_on=[foundation.definitions]),
    opts,
)
alertmanager = Alertmanager(
    "alertmanager",
    AlertmanagerArgs(
        namespace=namespace,
        alertmanager=settings.alertmanager,
        retain_data=settings.retains_data,
        priority_class=settings.priority_classes.components,
        external_url=settings.links.alertmanager,
        notifications=settings.notifications,
        tokens=sources.secret_values(settings.notifications.credentials),
        depends_on=[foundation.operator],
    ),
    opts,
)
prometheus = Prometheus(
    "prometheus",
    PrometheusArgs(
        namespace=namespace,
        environment=settings.environment,
        cluster=settings.cluster,
        prometheus=settings.prometheus,
        retain_data=settings.retains_data,
        priority_class=settings.priority_classes.components,
        external_url=settings.links.prometheus,
        alertmanager=alertmanager.name,
        depends_on=[foundation.operator],
    ),
    opts,
)
grafana = None
if settings.grafana.enabled:
    sign_on = settings.grafana.sign_on
    grafana = Grafana(
        "grafana",
        GrafanaArgs(
            chart=charts.resolve(charts.GRAFANA, settings.charts.source),
            namespace=namespace,
            grafana=settings.grafana,
            retain_data=settings.retains_data,
            address=settings.links.grafana,
            prometheus_url=query_url(settings.prometheus, service=prometheus.url),
            alertmanager_url=alertmanager.url,
            scrape_interval=settings.prometheus.scrape_interval,
            priority_class=settings.priority_classes.components,
            client_secret=sources.secret_value(credentials.GRAFANA_OAUTH_CLIENT_SECRET) if sign_on else None,
            depends_on=[foundation.definitions],
        ),
        opts,
    )
catalogue = AlertingCatalogue(
    "alerting-catalogue",
    AlertingCatalogueArgs(namespace=namespace, rules=plan.rules, depends_on=[foundation.definitions]),
    opts,
)
dashboards = Dashboards(
    "dashboards",
    DashboardsArgs(
        namespace=namespace,
        boards=plan.boards,
        grafana_url=settings.links.grafana,
        depends_on=foundation.namespace,
    ),
    opts,
)
Runbooks(
    "runbooks",
    RunbooksArgs(namespace=namespace, runbooks=plan.runbooks, depends_on=foundation.namespace),
    opts,
)

for name, value in outputs(
    plan,
    prometheus_url=prometheus.url,
    alertmanager_url=alertmanager.url,
    grafana_url=grafana.url if grafana else "",
    grafana_admin_secret=grafana.admin_secret if grafana else "",
    dashboard_urls=dashboards.urls,
    alert_names=catalogue.alert_names,
).items():
    pulumi.export(name, value)
