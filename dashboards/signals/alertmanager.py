"""Alertmanager's own metrics: cluster, configuration and notifications."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import RATE_WINDOW, Signal

_SELF: Final = 'job="alertmanager", namespace=~"$namespace"'

DOWN: Final = Signal(
    name="{{namespace}}/{{service}}",
    unit=units.PercentUnit,
    expression=f"1 - avg by (namespace, service) (up{{{_SELF}}})",
)
CONFIGURATION_LOADED: Final = Signal(
    name="{{pod}}",
    unit=units.NoUnit,
    expression=f"min by (pod) (alertmanager_config_last_reload_successful{{{_SELF}}})",
)
CONFIGURATIONS: Final = Signal(
    name="{{namespace}}/{{service}}",
    unit=units.Short,
    expression=(
        "count by (namespace, service) (\n"
        f'  count_values by (namespace, service) ("hash", alertmanager_config_hash{{{_SELF}}})\n)'
    ),
)
MEMBERS_SEEN: Final = Signal(
    name="{{pod}}",
    unit=units.Short,
    expression=f"min by (pod) (alertmanager_cluster_members{{{_SELF}}})",
)
MEMBERS_RUNNING: Final = Signal(
    name="running",
    unit=units.Short,
    expression=f"count(alertmanager_cluster_members{{{_SELF}}})",
)
NOTIFICATION_FAILURES: Final = Signal(
    name="{{integration}}",
    unit=units.PercentUnit,
    expression=(
        f"sum by (integration) (rate(alertmanager_notifications_failed_total{{{_SELF}}}{RATE_WINDOW}))\n"
        f"/ (sum by (integration) (rate(alertmanager_notifications_total{{{_SELF}}}{RATE_WINDOW})) > 0)"
    ),
)
NOTIFICATION_LATENCY: Final = Signal(
    name="{{integration}}",
    unit=units.Seconds,
    expression=(
        "histogram_quantile(0.99, sum by (le, integration) (\n"
        f"  rate(alertmanager_notification_latency_seconds_bucket{{{_SELF}}}{RATE_WINDOW})\n))"
    ),
)
ALERTS: Final = Signal(
    name="{{state}}",
    unit=units.Short,
    expression=f"max by (state) (sum by (pod, state) (alertmanager_alerts{{{_SELF}}}))",
)
SILENCES: Final = Signal(
    name="{{state}}",
    unit=units.Short,
    expression=f"max by (state) (alertmanager_silences{{{_SELF}}})",
)
