"""Spec of the Alertmanager resource."""

from collections.abc import Mapping
from typing import Any

from common.quantities import go_duration
from manifests.charts import ALERTMANAGER_IMAGE
from manifests.operated_pods import STORAGE, operated_pod_fields
from settings.alertmanager import AlertmanagerSettings


def alertmanager_spec(
    settings: AlertmanagerSettings,
    *,
    environment: str,
    selector: Mapping[str, str],
    service_account: str,
    configuration: str,
    tokens: str,
    external_url: str,
    priority_class: str,
) -> dict[str, Any]:
    """Return the `spec` of an Alertmanager.

    `selector` is the stack's label; `configuration` and `tokens` are the names of Secrets with the configuration file
    and with the credentials.
    """
    return {
        **operated_pod_fields(
            "alertmanager", ALERTMANAGER_IMAGE, environment, settings.replicas, settings.resources, service_account
        ),
        "priorityClassName": priority_class,
        "externalUrl": external_url,
        "retention": go_duration(settings.retention),
        "configSecret": configuration,
        # Other teams add routes in AlertmanagerConfigs, each for alerts of its own namespace only; those alerts then
        # continue to the routes of the configuration file.
        "alertmanagerConfigSelector": {"matchLabels": dict(selector)},
        "alertmanagerConfigNamespaceSelector": {},
        "alertmanagerConfigMatcherStrategy": {"type": "OnNamespace"},
        "secrets": [tokens],
        # The health check and the on-call engineer need to know which receiver did not get its messages.
        "enableFeatures": ["receiver-name-in-metrics"],
        "storage": STORAGE,
    }
