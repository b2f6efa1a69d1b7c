"""The alerts that miss a component which a stack does without on purpose: they would never end."""

from collections.abc import Iterable, Mapping
from typing import Any

from common.exporters import EXPORTERS, Exporter
from settings.stack import StackSettings


def absence_alerts_of_disabled(settings: StackSettings, exporters: Iterable[Exporter] = EXPORTERS) -> tuple[str, ...]:
    """Return the absence alerts of the exporters that are disabled in the stack."""
    return tuple(
        exporter.absence_alert
        for exporter in exporters
        if exporter.absence_alert and not settings.has_exporter(exporter)
    )


def effective_overrides(settings: StackSettings) -> dict[str, Mapping[str, Any]]:
    """The stack's own changes of alerts, and off what misses a component that is off."""
    own: Mapping[str, Mapping[str, Any]] = settings.alerts.overrides
    return {
        **own,
        **{alert: {**own.get(alert, {}), "enabled": False} for alert in absence_alerts_of_disabled(settings)},
    }
