"""Grafana's data source UIDs, and the label and annotation of dashboard ConfigMaps."""

from collections.abc import Mapping
from typing import Final

# Panels and query links contain these UIDs, so they must never change.
PROMETHEUS_DATA_SOURCE: Final = "prometheus"
ALERTMANAGER_DATA_SOURCE: Final = "alertmanager"

# Grafana loads the dashboards of every ConfigMap with this label in the stack's own namespace ...
DASHBOARD_LABEL: Final[Mapping[str, str]] = {"grafana_dashboard": "1"}
# ... into the folder in this annotation.
FOLDER_ANNOTATION: Final = "grafana_folder"
