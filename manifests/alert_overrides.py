"""Absence alerts of disabled exporters, Grafana and operator, which would fire forever."""

from collections.abc import Iterable
from typing import Final

from common.exporters import EXPORTERS, Exporter
from settings.stack import StackSettings

# Absence alert of Grafana, which is no exporter and has no row in the registry.
_GRAFANA: Final = "GrafanaDown"
# Absence alert of the operator, which another team scrapes if it is another team's.
_OPERATOR: Final = "PrometheusOperatorAbsent"


def absence_alerts_of_disabled(settings: StackSettings, exporters: Iterable[Exporter] = EXPORTERS) -> tuple[str, ...]:
    """Return the absence alerts of the exporters that are disabled in the stack, and those of other disabled parts."""
    grafana = () if settings.grafana.enabled else (_GRAFANA,)
    operator = () if settings.operator.enabled else (_OPERATOR,)
    return (
        grafana
        + operator
        + tuple(
            exporter.absence_alert
            for exporter in exporters
            if exporter.absence_alert and not settings.has_exporter(exporter)
        )
    )
