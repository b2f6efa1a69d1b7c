"""Spec of the Alertmanager resource."""

from typing import Any

from common.labels import SELECTOR
from common.quantities import go_duration
from manifests.charts import ALERTMANAGER_IMAGE
from manifests.operated_pods import STORAGE, operated_pod_fields
from settings.alertmanager import AlertmanagerSettings


def alertmanager_specification(
    settings: AlertmanagerSettings,
    *,
    service_account: str,
    configuration: str,
    tokens: str,
    external_url: str,
    priority_class: str,
) -> dict[str, Any]:
    """The `spec` of an Alertmanager that reads its file from one Secret and its tokens from another."""
    return {
        **operated_pod_fields(
            "alertmanager", ALERTMANAGER_IMAGE, settings.replicas, settings.resources, service_account
        ),
        "priorityClassName": priority_class,
        "externalUrl": external_url,
        "retention": go_duration(settings.retention),
        "configSecret": configuration,
        # Routes that other teams add to those of the file, each for alerts of its own namespace, which then go on.
        "alertmanagerConfigSelector": {"matchLabels": dict(SELECTOR)},
        "alertmanagerConfigNamespaceSelector": {},
        "alertmanagerConfigMatcherStrategy": {"type": "OnNamespace"},
        "secrets": [tokens],
        "storage": STORAGE,
    }
