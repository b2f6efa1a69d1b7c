"""Values of Grafana's chart."""

from typing import Any, Final

from common import ports
from common.grafana import DASHBOARD_LABEL, FOLDER_ANNOTATION
from common.labels import component_labels
from common.secrets import GRAFANA_FILES
from manifests.grafana_ini import SECRET_FILES_PATH, data_sources, grafana_ini
from manifests.pod_security import CONTAINER_SECURITY, pod_security
from manifests.volume_claims import grafana_claim
from settings.grafana import GrafanaSettings

NAME: Final = "grafana"
PORT_NAME: Final = "http"

# The user of the image; the group owns the volume.
_USER_ID: Final = 472
_POD_SECURITY: Final = {**pod_security(_USER_ID, _USER_ID), "fsGroupChangePolicy": "OnRootMismatch"}
# The sidecar holds all dashboards in memory while it lists them.
_SIDECAR_RESOURCES: Final = {"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}}

_ACCOUNT_VOLUME_NAME: Final = "service-account"
# The service account token as Kubernetes mounts it, but for a single container of the pod.
_ACCOUNT_VOLUME: Final = {
    "name": _ACCOUNT_VOLUME_NAME,
    "projected": {
        "sources": [
            {"serviceAccountToken": {"path": "token", "expirationSeconds": 3600}},
            {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
            {
                "downwardAPI": {
                    "items": [
                        {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
                    ]
                }
            },
        ]
    },
}


def grafana_values(
    settings: GrafanaSettings,
    *,
    address: str,
    admin_secret: str,
    prometheus_url: str,
    alertmanager_url: str,
    scrape_interval: str,
    priority_class: str,
) -> dict[str, Any]:
    """Return the values of Grafana's chart.

    `address` is the URL under which people open Grafana, `admin_secret` the Secret with the account `admin`.
    """
    sources = data_sources(
        prometheus_url=prometheus_url, alertmanager_url=alertmanager_url, scrape_interval=scrape_interval
    )
    return {
        "admin": {"existingSecret": admin_secret, "userKey": "admin-user", "passwordKey": "admin-password"},
        "grafana.ini": grafana_ini(address, settings.sign_on),
        "datasources": {"datasources.yaml": sources},
        "sidecar": _sidecar(),
        "service": {"labels": component_labels(NAME), "port": ports.GRAFANA, "portName": PORT_NAME},
        # The volume and its database allow a single writer, also during an upgrade.
        "deploymentStrategy": {"type": "Recreate"},
        "persistence": {"enabled": True, "existingClaim": grafana_claim(settings).name},
        # It would run as root, and is not needed: fsGroup sets the group of the volume.
        "initChownData": {"enabled": False},
        "extraSecretMounts": [
            # Readable for Grafana's user and group only.
            {
                "name": GRAFANA_FILES,
                "secretName": GRAFANA_FILES,
                "mountPath": SECRET_FILES_PATH,
                "readOnly": True,
                "defaultMode": 0o440,
            }
        ],
        "extraEmptyDirMounts": [{"name": "tmp", "mountPath": "/tmp"}],
        "extraContainerVolumes": [_ACCOUNT_VOLUME],
        "securityContext": dict(_POD_SECURITY),
        "containerSecurityContext": dict(CONTAINER_SECURITY),
        "priorityClassName": priority_class,
        "resources": settings.resources.specification,
        # The chart's role can read Secrets. The component's role can read ConfigMaps only, and only the sidecar has the
        # token of the service account.
        "rbac": {"create": False},
        "automountServiceAccountToken": False,
        "testFramework": {"enabled": False},
    }


def _sidecar() -> dict[str, Any]:
    """Return the values of the sidecar, which writes ConfigMaps with boards to files."""
    ((label, value),) = DASHBOARD_LABEL.items()
    return {
        "resources": dict(_SIDECAR_RESOURCES),
        "securityContext": dict(CONTAINER_SECURITY),
        "dashboards": {
            "enabled": True,
            "label": label,
            "labelValue": value,
            "folderAnnotation": FOLDER_ANNOTATION,
            "resource": "configmap",
            # Grafana checks for changed files twice a minute. A reload by the sidecar would require the administrator's
            # password, and fail once it has been changed in Grafana.
            "skipReload": True,
            "provider": {
                "allowUiUpdates": False,
                # Grafana starts before the sidecar has written the files, and would delete all dashboards with their
                # permissions.
                "disableDelete": True,
                "foldersFromFilesStructure": True,
            },
            "extraMounts": [
                {
                    "name": _ACCOUNT_VOLUME_NAME,
                    "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
                    "readOnly": True,
                }
            ],
        },
    }
