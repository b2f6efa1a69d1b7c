"""What Grafana calls its data sources and how it finds dashboards: for whoever writes one, here or elsewhere."""

from collections.abc import Mapping
from typing import Final

# A panel names its data source by uid, and a link to a query carries it: they never change.
PROMETHEUS_DATA_SOURCE: Final = "prometheus"
ALERTMANAGER_DATA_SOURCE: Final = "alertmanager"

# Grafana shows the dashboards of every ConfigMap with this label in the stack's own namespace ...
DASHBOARD_LABEL: Final[Mapping[str, str]] = {"grafana_dashboard": "1"}
# ... in the folder that this annotation names.
FOLDER_ANNOTATION: Final = "grafana_folder"
