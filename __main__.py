"""Monitoring stack of one environment."""

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
    Verification,
    VerificationArgs,
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
from verification.plan import cluster_plan

try:
    plan = prepare_stack(sources.from_engine(), Path(__file__).resolve().parent, sources.previous_outputs())
except SettingsError as error:
    raise pulumi.RunError(str(error)) from None
settings = plan.settings
namespace = settings.namespace
for note in plan.adoption.notes:
    pulumi.warn(note)
if pulumi.runtime.is_dry_run():  # Once per command: an update shows its preview first.
    for note in plan.notes:
        pulumi.info(note)

opts = pulumi.ResourceOptions(providers=[cluster_provider(settings)])
foundation = deploy_foundation(settings, plan.adoption.adopted_namespaces, opts)
exporters = deploy_exporters(settings, plan.adoption.adopted_namespaces, foundation.definitions, opts)
services = BaisServices(
    "bais-services",
    BaisServicesArgs(
        namespace=namespace,
        services=settings.services,
        selector=settings.selector,
        limits=settings.prometheus.scrape_limits.platform,
        depends_on=foundation.definitions,
    ),
    opts,
)
alertmanager = Alertmanager(
    "alertmanager",
    AlertmanagerArgs(
        settings=settings,
        tokens=sources.secret_values(settings.notifications.credentials),
        depends_on=[foundation.operator],
    ),
    opts,
)
prometheus = Prometheus(
    "prometheus",
    PrometheusArgs(settings=settings, alertmanager=alertmanager.name, depends_on=[foundation.operator]),
    opts,
)
grafana = None
if settings.grafana.enabled:
    grafana = Grafana(
        "grafana",
        GrafanaArgs(
            settings=settings,
            chart=charts.resolve(charts.GRAFANA, settings.charts.source, settings.environment),
            prometheus_url=query_url(settings.prometheus, service=prometheus.url),
            alertmanager_url=alertmanager.url,
            client_secret=sources.secret_value(credentials.GRAFANA_OAUTH_CLIENT_SECRET)
            if settings.grafana.sign_on
            else None,
            generated=plan.generated,
            depends_on=foundation.definitions,
        ),
        opts,
    )
catalogue = AlertingCatalogue(
    "alerting-catalogue",
    AlertingCatalogueArgs(
        namespace=namespace, rules=plan.rules, selector=settings.selector, depends_on=foundation.definitions
    ),
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
published_runbooks = Runbooks(
    "runbooks",
    RunbooksArgs(namespace=namespace, runbooks=plan.runbooks, depends_on=foundation.namespace),
    opts,
)
Verification(
    "verification",
    VerificationArgs(
        plan=cluster_plan(settings, plan.rules),
        after=[
            *foundation.namespace,
            *foundation.definitions,
            foundation.operator,
            *(prometheus, alertmanager, catalogue),
            *([grafana] if grafana else []),
            *(dashboards, published_runbooks, services),
            *exporters,
        ],
    ),
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
