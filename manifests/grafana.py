"""The values of Grafana's chart, from a stack's settings."""

from typing import Any, Final

from common import ports
from common.grafana import DASHBOARD_LABEL, FOLDER_ANNOTATION
from common.labels import component_labels
from manifests.grafana_ini import SECRET_FILES_PATH, data_sources, grafana_ini
from manifests.pod_security import CONTAINER_SECURITY, pod_security
from manifests.volume_claims import grafana_claim
from settings.grafana import GrafanaSettings

NAME: Final = "grafana"
PORT_NAME: Final = "http"
FILES_SECRET: Final = "grafana-files"
"""The Secret whose entries Grafana reads as files."""

# The user of the image; the group owns the volume.
_USER_ID: Final = 472
_POD_SECURITY: Final = {**pod_security(_USER_ID, _USER_ID), "fsGroupChangePolicy": "OnRootMismatch"}
# It holds every dashboard in memory while it lists them.
_SIDECAR_RESOURCES: Final = {"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}}

_ACCOUNT_VOLUME_NAME: Final = "service-account"
# What Kubernetes would mount into every container of the pod.
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
    """The values for a Grafana at `address`, whose account `admin` is in the Secret of this name."""
    sources = data_sources(
        prometheus_url=prometheus_url, alertmanager_url=alertmanager_url, scrape_interval=scrape_interval
    )
    return {
        "admin": {"existingSecret": admin_secret, "userKey": "admin-user", "passwordKey": "admin-password"},
        "grafana.ini": grafana_ini(address, settings.sign_on),
        "datasources": {"datasources.yaml": sources},
        "sidecar": _sidecar(),
        "service": {"labels": component_labels(NAME), "port": ports.GRAFANA, "portName": PORT_NAME},
        # One writer: the volume and the database on it take no second one, not even for the time of an upgrade.
        "deploymentStrategy": {"type": "Recreate"},
        "persistence": {"enabled": True, "existingClaim": grafana_claim(settings).name},
        # It would run as root; the group of the pod's security context owns the volume without it.
        "initChownData": {"enabled": False},
        "extraSecretMounts": [
            # For the group that Grafana runs with, and for nobody else (0440).
            {
                "name": FILES_SECRET,
                "secretName": FILES_SECRET,
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
        # The chart's role reads Secrets too. The one of the component reads ConfigMaps, and only the sidecar has it.
        "rbac": {"create": False},
        "automountServiceAccountToken": False,
        "testFramework": {"enabled": False},
    }


def _sidecar() -> dict[str, Any]:
    """The container that writes dashboards from ConfigMaps to files."""
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
            # Grafana looks for changed files twice a minute by itself. To be told it would want the administrator's
            # password, and refuse the one in the Secret once that was changed.
            "skipReload": True,
            "provider": {
                "allowUiUpdates": False,
                # A new pod starts before the files are there: it would delete every dashboard with its permissions.
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
