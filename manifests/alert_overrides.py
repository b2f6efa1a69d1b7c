"""Absence alerts of disabled exporters, which would fire forever."""

from collections.abc import Iterable

from common.exporters import EXPORTERS, Exporter
from settings.stack import StackSettings


def absence_alerts_of_disabled(settings: StackSettings, exporters: Iterable[Exporter] = EXPORTERS) -> tuple[str, ...]:
    """Return the absence alerts of the exporters that are disabled in the stack."""
    return tuple(
        exporter.absence_alert
        for exporter in exporters
        if exporter.absence_alert and not settings.has_exporter(exporter)
    )
