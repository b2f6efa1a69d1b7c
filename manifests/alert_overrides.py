"""The alerts that miss a component which a stack does without on purpose: they would never end."""

from collections.abc import Mapping
from typing import Any

from settings.stack import StackSettings


def absence_alerts_of_disabled(settings: StackSettings) -> tuple[str, ...]:
    """The alerts on the absence of a component that the stack has off."""
    on = {
        "NodeExporterAbsent": settings.node_exporter.enabled,
        "KubeStateMetricsAbsent": settings.kube_state_metrics.enabled,
        "BlackboxExporterAbsent": settings.blackbox_exporter.enabled,
    }
    return tuple(alert for alert, component in on.items() if not component)


def effective_overrides(settings: StackSettings) -> dict[str, Mapping[str, Any]]:
    """The stack's own changes of alerts, and off what misses a component that is off."""
    own: Mapping[str, Mapping[str, Any]] = settings.alerts.overrides
    return {
        **own,
        **{alert: {**own.get(alert, {}), "enabled": False} for alert in absence_alerts_of_disabled(settings)},
    }
