"""The alerts that miss a piece which a stack does without on purpose: they would never end."""

from collections.abc import Mapping
from typing import Any

from settings.stack import Settings


def missed(settings: Settings) -> tuple[str, ...]:
    """The alerts on the absence of a piece that the stack has off."""
    on = {
        "NodeExporterAbsent": settings.node_exporter.enabled,
        "KubeStateMetricsAbsent": settings.kube_state_metrics.enabled,
        "BlackboxExporterAbsent": settings.blackbox_exporter.enabled,
    }
    return tuple(alert for alert, piece in on.items() if not piece)


def overrides(settings: Settings) -> dict[str, Mapping[str, Any]]:
    """The stack's own changes of alerts, and off what misses a piece that is off."""
    own: Mapping[str, Mapping[str, Any]] = settings.alerts.overrides
    return {**own, **{alert: {**own.get(alert, {}), "enabled": False} for alert in missed(settings)}}
