"""What other teams build on: the stack's outputs by name, flat, without a secret among them."""

from collections.abc import Mapping, Sequence
from typing import Any

from components.labels import SELECTOR
from components.settings import Settings
from components.specifications import LIMITS
from rules.catalogue import version
from rules.model import ALERT_LABELS, AREAS, SEVERITIES


def outputs(
    settings: Settings,
    *,
    prometheus_url: str,
    alertmanager_url: str,
    rules: Mapping[str, Mapping[str, Any]],
    alert_names: Sequence[str],
    stand_ins: Sequence[str],
) -> dict[str, object]:
    """Each output's value; docs/outputs.md says what it means, and a name there is a promise."""
    return {
        "environment": settings.environment,
        "cluster": settings.cluster.name,
        "namespace": settings.namespace,
        "prometheus_url": prometheus_url,
        "prometheus_external_url": settings.links.prometheus or prometheus_url,
        "alertmanager_url": alertmanager_url,
        "alertmanager_external_url": settings.links.alertmanager or alertmanager_url,
        "grafana_external_url": settings.links.grafana,
        "runbook_base_url": settings.links.runbooks,
        "selector_label": "".join(f"{key}={value}" for key, value in SELECTOR.items()),
        "alert_label_names": list(ALERT_LABELS),
        "alert_severities": list(SEVERITIES),
        "alert_areas": list(AREAS),
        "scrape_sample_limit": LIMITS["enforcedSampleLimit"],
        "scrape_target_limit": LIMITS["enforcedTargetLimit"],
        "scrape_label_limit": LIMITS["enforcedLabelLimit"],
        "catalogue_version": version(rules),
        "alert_names": list(alert_names),
        "stand_in_charts": list(stand_ins),
    }
