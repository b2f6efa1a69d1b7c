"""Stack outputs for other teams: flat, by name, without secrets."""

from collections.abc import Mapping, Sequence

from catalogue.model import ALERT_LABELS, AREAS, SEVERITIES
from catalogue.stack import version
from common.grafana import ALERTMANAGER_DATA_SOURCE, DASHBOARD_LABEL, FOLDER_ANNOTATION, PROMETHEUS_DATA_SOURCE
from preflight.plan import StackPlan


def outputs(
    plan: StackPlan,
    *,
    prometheus_url: str,
    alertmanager_url: str,
    grafana_url: str,
    grafana_admin_secret: str,
    dashboard_urls: Mapping[str, str],
    alert_names: Sequence[str],
) -> dict[str, object]:
    """Return the value of each output; docs/reference/outputs.md documents them as a contract."""
    settings = plan.settings
    teams = settings.prometheus.scrape_limits.teams
    return {
        "environment": settings.environment,
        "cluster": settings.cluster.name,
        "cluster_uid": plan.adoption.cluster_uid,
        "namespace": settings.namespace,
        "adopted_namespaces": plan.adoption.adopted_namespaces,
        "prometheus_url": prometheus_url,
        "prometheus_external_url": settings.links.prometheus or prometheus_url,
        "remote_write_url": f"{prometheus_url}/api/v1/write" if settings.prometheus.remote_write_receiver else "",
        "alertmanager_url": alertmanager_url,
        "alertmanager_external_url": settings.links.alertmanager or alertmanager_url,
        "grafana_url": grafana_url,
        "grafana_external_url": settings.links.grafana,
        "grafana_admin_secret": grafana_admin_secret,
        "prometheus_data_source_uid": PROMETHEUS_DATA_SOURCE,
        "alertmanager_data_source_uid": ALERTMANAGER_DATA_SOURCE,
        "dashboard_label": _format_label(DASHBOARD_LABEL),
        "dashboard_folder_annotation": FOLDER_ANNOTATION,
        "dashboard_urls": dict(dashboard_urls),
        "runbook_base_url": settings.links.runbook_base,
        "selector_label": _format_label(settings.selector),
        "alert_label_names": list(ALERT_LABELS),
        "alert_severities": list(SEVERITIES),
        "alert_areas": list(AREAS),
        "scrape_sample_limit": teams.samples,
        "scrape_target_limit": teams.targets,
        "scrape_label_limit": teams.labels,
        "catalogue_version": version(plan.rules),
        "alert_names": list(alert_names),
        "stand_in_charts": list(plan.stand_ins),
    }


def _format_label(label: Mapping[str, str]) -> str:
    """Return a label as `key=value`, the form of `kubectl --selector`."""
    ((key, value),) = label.items()
    return f"{key}={value}"
