"""The alerts that miss a component which a stack does without on purpose: they would never end."""

from settings.stack import StackSettings


def absence_alerts_of_disabled(settings: StackSettings) -> tuple[str, ...]:
    """The alerts on the absence of a component that the stack has off."""
    on = {
        "NodeExporterAbsent": settings.node_exporter.enabled,
        "KubeStateMetricsAbsent": settings.kube_state_metrics.enabled,
        "BlackboxExporterAbsent": settings.blackbox_exporter.enabled,
    }
    return tuple(alert for alert, component in on.items() if not component)
