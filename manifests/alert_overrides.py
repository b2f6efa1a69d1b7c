"""Absence alerts of disabled exporters and of disabled Grafana, which would fire forever."""

from collections.abc import Iterable
from typing import Final

from common.exporters import EXPORTERS, Exporter
from settings.stack import StackSettings

# Absence alert of Grafana, which is no exporter and has no row in the registry.
_GRAFANA: Final = "GrafanaDown"


def absence_alerts_of_disabled(settings: StackSettings, exporters: Iterable[Exporter] = EXPORTERS) -> tuple[str, ...]:
    """Return the absence alerts of the exporters that are disabled in the stack, and that of Grafana if it is."""
    grafana = () if settings.grafana.enabled else (_GRAFANA,)
    return grafana + tuple(
        exporter.absence_alert
        for exporter in exporters
        if exporter.absence_alert and not settings.has_exporter(exporter)
    )
