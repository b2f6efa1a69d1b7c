"""The monitoring stack of one environment: read, check, wire, export."""

from pathlib import Path

import pulumi
import pulumi_kubernetes as kubernetes

from components import alertmanager
from components.alerting_catalogue import AlertingCatalogue, AlertingCatalogueArgs
from components.alertmanager import Alertmanager, AlertmanagerArgs
from components.bais_services import BaisServices, BaisServicesArgs
from components.custom_resource_definitions import CustomResourceDefinitions, CustomResourceDefinitionsArgs
from components.dashboards import Dashboards, DashboardsArgs
from components.exporters import deploy_exporters
from components.foundation import deploy_foundation
from components.grafana import Grafana, GrafanaArgs
from components.operator import Operator, OperatorArgs
from components.prometheus import Prometheus, PrometheusArgs
from components.runbooks import Runbooks, RunbooksArgs
from manifests import charts
from manifests.scale_out import query_url
from outputs import outputs
from preflight.plan import prepare_stack
from settings import credentials, sources
from settings.loader import SettingsError
from settings.scheduling import priority_classes

written = sources.from_engine()
try:
    plan = prepare_stack(written, Path(__file__).resolve().parent)
except SettingsError as error:
    raise pulumi.RunError(str(error)) from None
settings = plan.settings

provider = kubernetes.Provider(
    "cluster",
    cluster_identifier=settings.cluster.name,
    context=settings.cluster.context,
    # Empty, so that the provider itself reads KUBECONFIG: left out, this machine's path would be kept in the state.
    kubeconfig="",
    enable_server_side_apply=True,
    enable_config_map_mutable=True,
    enable_secret_mutable=True,
)
on_cluster = pulumi.ResourceOptions(providers=[provider])

groundwork = deploy_foundation(settings, on_cluster)
priorities = priority_classes(settings.scheduling, settings.namespace)
definitions = CustomResourceDefinitions(
    "custom-resource-definitions",
    CustomResourceDefinitionsArgs(
        chart=charts.resolve(charts.OPERATOR_CRDS, settings.charts.source),
        namespace=settings.namespace,
        depends_on=groundwork,
    ),
    on_cluster,
)
operator = Operator(
    "operator",
    OperatorArgs(
        chart=charts.resolve(charts.OPERATOR, settings.charts.source),
        namespace=settings.namespace,
        operator=settings.operator,
        scrape_interval=settings.prometheus.scrape_interval,
        priority_class=priorities.components,
        depends_on=[definitions],
    ),
    on_cluster,
)
deploy_exporters(settings, [definitions], on_cluster)
BaisServices(
    "bais-services",
    BaisServicesArgs(namespace=settings.namespace, services=settings.services, depends_on=[definitions]),
    on_cluster,
)
routing = Alertmanager(
    "alertmanager",
    AlertmanagerArgs(
        namespace=settings.namespace,
        alertmanager=settings.alertmanager,
        retain_data=settings.keeps_data,
        priority_class=priorities.components,
        external_url=settings.links.alertmanager,
        notifications=settings.notifications,
        tokens={
            credential.file: sources.secret(credential)
            for credential in credentials.required_in_config(written.values["notifications"])
        },
        depends_on=[operator],
    ),
    on_cluster,
)
metrics = Prometheus(
    "prometheus",
    PrometheusArgs(
        namespace=settings.namespace,
        environment=settings.environment,
        cluster=settings.cluster,
        prometheus=settings.prometheus,
        retain_data=settings.keeps_data,
        priority_class=priorities.components,
        external_url=settings.links.prometheus,
        alertmanager=alertmanager.NAME,
        depends_on=[operator],
    ),
    on_cluster,
)
grafana = (
    Grafana(
        "grafana",
        GrafanaArgs(
            chart=charts.resolve(charts.GRAFANA, settings.charts.source),
            namespace=settings.namespace,
            grafana=settings.grafana,
            retain_data=settings.keeps_data,
            address=settings.links.grafana,
            prometheus_url=query_url(settings.prometheus, service=metrics.url),
            alertmanager_url=routing.url,
            scrape_interval=settings.prometheus.scrape_interval,
            priority_class=priorities.components,
            client_secret=(
                sources.secret(credentials.GRAFANA_OAUTH_CLIENT_SECRET) if settings.grafana.sign_on else None
            ),
            depends_on=[definitions],
        ),
        on_cluster,
    )
    if settings.grafana.enabled
    else None
)
catalogue = AlertingCatalogue(
    "alerting-catalogue",
    AlertingCatalogueArgs(namespace=settings.namespace, rules=plan.rules, depends_on=[definitions]),
    on_cluster,
)
boards = Dashboards(
    "dashboards",
    DashboardsArgs(
        namespace=settings.namespace, boards=plan.boards, grafana_url=settings.links.grafana, depends_on=groundwork
    ),
    on_cluster,
)
Runbooks(
    "runbooks",
    RunbooksArgs(namespace=settings.namespace, runbooks=plan.runbooks, depends_on=groundwork),
    on_cluster,
)

for name, value in outputs(
    settings,
    prometheus_url=metrics.url,
    alertmanager_url=routing.url,
    grafana_url=grafana.url if grafana else "",
    grafana_admin_secret=grafana.admin_secret if grafana else "",
    dashboard_urls=boards.urls,
    rules=plan.rules,
    alert_names=catalogue.alert_names,
    stand_ins=plan.stand_ins,
).items():
    pulumi.export(name, value)
