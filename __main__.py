"""The monitoring stack of one environment: read, check, wire, export."""

from pathlib import Path

import pulumi
import pulumi_kubernetes as kubernetes

from components import alertmanager, charts, configuration, credentials
from components.alerting_catalogue import AlertingCatalogue, AlertingCatalogueArgs
from components.alertmanager import Alertmanager, AlertmanagerArgs
from components.custom_resource_definitions import CustomResourceDefinitions, CustomResourceDefinitionsArgs
from components.exporters import deploy_exporters
from components.groundwork import lay_groundwork
from components.labels import SELECTOR
from components.operator import Operator, OperatorArgs
from components.preflight import prepare
from components.prometheus import Prometheus, PrometheusArgs
from components.reading import SettingsError
from components.scheduling import priority_classes

written = configuration.from_engine()
try:
    plan = prepare(written, Path(__file__).resolve().parent)
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

groundwork = lay_groundwork(settings, on_cluster)
priorities = priority_classes(settings.scheduling, settings.namespace)
definitions = CustomResourceDefinitions(
    "custom-resource-definitions",
    CustomResourceDefinitionsArgs(
        chart=charts.resolve(charts.OPERATOR_CRDS, settings.charts.source),
        namespace=settings.namespace,
        after=groundwork,
    ),
    on_cluster,
)
operator = Operator(
    "operator",
    OperatorArgs(
        chart=charts.resolve(charts.OPERATOR, settings.charts.source),
        namespace=settings.namespace,
        operator=settings.operator,
        priority_class=priorities.pieces,
        after=[definitions],
    ),
    on_cluster,
)
deploy_exporters(settings, [definitions], on_cluster)
routing = Alertmanager(
    "alertmanager",
    AlertmanagerArgs(
        namespace=settings.namespace,
        alertmanager=settings.alertmanager,
        priority_class=priorities.pieces,
        external_url=settings.links.alertmanager,
        notifications=settings.notifications,
        tokens={
            credential.file: configuration.secret(credential)
            for credential in credentials.asked_for(written.values["notifications"])
        },
        after=[operator],
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
        priority_class=priorities.pieces,
        external_url=settings.links.prometheus,
        alertmanager=alertmanager.NAME,
        after=[operator],
    ),
    on_cluster,
)
catalogue = AlertingCatalogue(
    "alerting-catalogue",
    AlertingCatalogueArgs(namespace=settings.namespace, rules=plan.rules, after=[definitions]),
    on_cluster,
)

pulumi.export("namespace", settings.namespace)
pulumi.export("prometheus_url", metrics.url)
pulumi.export("alertmanager_url", routing.url)
pulumi.export("selector_label", "".join(f"{key}={value}" for key, value in SELECTOR.items()))
pulumi.export("alert_names", catalogue.alert_names)
pulumi.export("stand_in_charts", list(plan.stand_ins))
