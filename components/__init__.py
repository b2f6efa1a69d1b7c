"""Pulumi components of the monitoring stack, one per file."""

from components.alerting_catalogue import AlertingCatalogue, AlertingCatalogueArgs
from components.alertmanager import Alertmanager, AlertmanagerArgs
from components.bais_services import BaisServices, BaisServicesArgs
from components.dashboards import Dashboards, DashboardsArgs
from components.exporters import deploy_exporters
from components.foundation import cluster_provider, deploy_foundation
from components.grafana import Grafana, GrafanaArgs
from components.prometheus import Prometheus, PrometheusArgs
from components.runbooks import Runbooks, RunbooksArgs
from components.verification import Verification, VerificationArgs

__all__ = [
    "AlertingCatalogue",
    "AlertingCatalogueArgs",
    "Alertmanager",
    "AlertmanagerArgs",
    "BaisServices",
    "BaisServicesArgs",
    "Dashboards",
    "DashboardsArgs",
    "Grafana",
    "GrafanaArgs",
    "Prometheus",
    "PrometheusArgs",
    "Runbooks",
    "RunbooksArgs",
    "Verification",
    "VerificationArgs",
    "cluster_provider",
    "deploy_exporters",
    "deploy_foundation",
]
