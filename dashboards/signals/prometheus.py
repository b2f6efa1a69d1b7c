"""Prometheus's own metrics: scraping, rules, storage and delivery to Alertmanager."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import RATE_WINDOW, Signal
from dashboards.signals.freshness import WATCHDOG as WATCHDOG_ALERT
from dashboards.signals.freshness import or_none, zero_if_fresh
from dashboards.units import HOUR, HOURS, MINUTE, MINUTES, PER_MINUTE, per_second

_SELF: Final = 'job="prometheus", namespace=~"$namespace"'

# Over the last hours, because series that have no samples any more leave the present after five minutes.
NEWEST_SAMPLE_AGE: Final = Signal(
    name="newest sample",
    unit=MINUTES,
    expression=f"(time() - max_over_time(max(timestamp(up))[6h:1m])) / {MINUTE}",
)
# 0 is bad here, so it may be shown while nothing is known.
WATCHDOG: Final = Signal(
    name="Watchdog", unit=units.NoUnit, expression=f"clamp_max(count({WATCHDOG_ALERT}), 1) or vector(0)"
)
FIRING_ALERTS: Final = Signal(
    name="firing",
    unit=units.Short,
    expression=zero_if_fresh('count(ALERTS{alertstate="firing", severity=~"critical|warning"})'),
)
FIRING_BY_SEVERITY: Final = tuple(
    Signal(
        name=severity,
        unit=units.Short,
        expression=zero_if_fresh(f'count(ALERTS{{alertstate="firing", severity="{severity}"}})'),
    )
    for severity in ("critical", "warning")
)
# The value of ALERTS_FOR_STATE is the time at which the condition became true.
_STARTED: Final = (
    "label_replace(label_replace(min by (severity, alertname, service) (\n"
    "  ALERTS_FOR_STATE and on (severity, alertname, service)\n"
    '  ALERTS{alertstate="firing", severity=~"critical|warning"}\n'
    '), "panel", "$1", "alertname", "(.+)"), "runbook", "$1", "alertname", "(.+)")'
)
# With an hour before the start, for a link that shows what led to the alert.
FIRING_SINCE: Final = (
    or_none(
        Signal(name="active for", unit=units.Seconds, expression=f"floor(time() - {_STARTED})"),
        "severity",
    ),
    Signal(name="since", unit=units.NoUnit, expression=f"({_STARTED} - {HOUR}) * 1000"),
)
CONFIGURATION_LOADED: Final = Signal(
    name="{{pod}}",
    unit=units.NoUnit,
    expression=f"min by (pod) (prometheus_config_last_reload_successful{{{_SELF}}})",
)
SAMPLES_APPENDED: Final = Signal(
    name="{{pod}}",
    unit=per_second("samples"),
    expression=f"sum by (pod) (rate(prometheus_tsdb_head_samples_appended_total{{{_SELF}}}{RATE_WINDOW}))",
)
HEAD_SERIES: Final = Signal(
    name="{{pod}}",
    unit=units.Short,
    expression=f"max by (pod) (prometheus_tsdb_head_series{{{_SELF}}})",
)
TARGET_SYNC_FAILURES: Final = Signal(
    name="{{pod}} {{scrape_job}}",
    unit=units.Short,
    expression=f"topk(10, sum by (pod, scrape_job) (increase(prometheus_target_sync_failed_total{{{_SELF}}}[30m])))",
)
SCRAPE_LIMITS: Final = tuple(
    Signal(
        name=f"{{{{pod}}}} {limit}",
        unit=units.Short,
        expression=f"sum by (pod) (increase({metric}{{{_SELF}}}[30m]))",
    )
    for limit, metric in (
        ("samples", "prometheus_target_scrapes_exceeded_sample_limit_total"),
        ("body size", "prometheus_target_scrapes_exceeded_body_size_limit_total"),
        ("labels", "prometheus_target_scrape_pool_exceeded_label_limits_total"),
        ("targets", "prometheus_target_scrape_pool_exceeded_target_limit_total"),
    )
)
SCRAPE_LIMIT_USAGE: Final = Signal(
    name="{{job}} {{limit}}",
    unit=units.PercentUnit,
    expression="topk(10, job:scrape_limit_usage:ratio)",
)
RULE_FAILURES: Final = Signal(
    name="{{pod}} {{rule_group}}",
    unit=units.Short,
    expression=(
        f"topk(10, sum by (pod, rule_group) (increase(prometheus_rule_evaluation_failures_total{{{_SELF}}}[5m])))"
    ),
)
RULE_GROUP_DURATION: Final = Signal(
    name="{{rule_group}}",
    unit=units.PercentUnit,
    expression=(
        f"topk(10, max by (rule_group) (prometheus_rule_group_last_duration_seconds{{{_SELF}}}\n"
        f"/ prometheus_rule_group_interval_seconds{{{_SELF}}}))"
    ),
)
QUERY_DURATION: Final = Signal(
    name="{{slice}}",
    unit=units.Seconds,
    expression=f'max by (slice) (prometheus_engine_query_duration_seconds{{{_SELF}, quantile="0.9"}})',
)
STORAGE_USE: Final = Signal(
    name="{{pod}}",
    unit=units.PercentUnit,
    expression=(
        f"max by (pod) ((prometheus_tsdb_storage_blocks_bytes{{{_SELF}}}\n"
        f"+ prometheus_tsdb_wal_storage_size_bytes{{{_SELF}}}\n"
        f"+ prometheus_tsdb_head_chunks_storage_size_bytes{{{_SELF}}})\n"
        f"/ (prometheus_tsdb_retention_limit_bytes{{{_SELF}}} > 0))"
    ),
)
STORAGE_FAILURES: Final = tuple(
    Signal(
        name=f"{{{{pod}}}} {what}",
        unit=units.Short,
        expression=f"sum by (pod) (increase({metric}{{{_SELF}}}[3h]))",
    )
    for what, metric in (
        ("compactions", "prometheus_tsdb_compactions_failed_total"),
        ("reloads", "prometheus_tsdb_reloads_failures_total"),
        ("damaged log", "prometheus_tsdb_wal_corruptions_total"),
    )
)
MEMORY: Final = Signal(
    name="{{pod}}",
    unit=units.BytesIEC,
    expression=f"max by (pod) (process_resident_memory_bytes{{{_SELF}}})",
)
ALERTMANAGERS_DISCOVERED: Final = Signal(
    name="{{pod}}",
    unit=units.Short,
    expression=f"min by (pod) (prometheus_notifications_alertmanagers_discovered{{{_SELF}}})",
)
DELIVERY_ERRORS: Final = Signal(
    name="{{pod}} to {{alertmanager}}",
    unit=units.PercentUnit,
    expression=(
        f"sum by (pod, alertmanager) (rate(prometheus_notifications_errors_total{{{_SELF}}}{RATE_WINDOW}))\n"
        f"/ (sum by (pod, alertmanager) (rate(prometheus_notifications_errors_total{{{_SELF}}}{RATE_WINDOW}))\n"
        f"+ sum by (pod, alertmanager) (rate(prometheus_notifications_sent_total{{{_SELF}}}{RATE_WINDOW})) > 0)"
    ),
)
NOTIFICATION_QUEUE: Final = Signal(
    name="{{pod}} to {{alertmanager}}",
    unit=units.PercentUnit,
    expression=(
        f"prometheus_notifications_queue_length{{{_SELF}}}\n"
        f"/ ignoring (alertmanager) group_left () (prometheus_notifications_queue_capacity{{{_SELF}}} > 0)"
    ),
)
NOTIFICATIONS_DROPPED: Final = Signal(
    name="{{pod}}",
    unit=PER_MINUTE,
    expression=f"{MINUTE} * sum by (pod) (rate(prometheus_notifications_dropped_total{{{_SELF}}}{RATE_WINDOW}))",
)
DISCOVERY_FAILURES: Final = (
    Signal(
        name="{{pod}} requests",
        unit=units.Short,
        expression=f"sum by (pod) (increase(prometheus_sd_kubernetes_failures_total{{{_SELF}}}[10m]))",
    ),
    Signal(
        name="{{pod}} configurations",
        unit=units.Short,
        expression=f"sum by (pod) (prometheus_sd_failed_configs{{{_SELF}}})",
    ),
)
SAMPLES_REJECTED: Final = tuple(
    Signal(
        name=f"{{{{pod}}}} {reason}",
        unit=units.Short,
        expression=f"sum by (pod) (increase({metric}{{{_SELF}}}[10m]))",
    )
    for reason, metric in (
        ("duplicate", "prometheus_target_scrapes_sample_duplicate_timestamp_total"),
        ("out of order", "prometheus_target_scrapes_sample_out_of_order_total"),
        ("out of bounds", "prometheus_target_scrapes_sample_out_of_bounds_total"),
    )
)
REMOTE_WRITE_FAILURES: Final = Signal(
    name="{{pod}} to {{remote_name}}",
    unit=units.PercentUnit,
    expression=(
        f"sum by (pod, remote_name) (rate(prometheus_remote_storage_samples_failed_total{{{_SELF}}}{RATE_WINDOW}))\n"
        f"/ (sum by (pod, remote_name) (rate(prometheus_remote_storage_samples_failed_total{{{_SELF}}}{RATE_WINDOW}))\n"
        f"+ sum by (pod, remote_name) (rate(prometheus_remote_storage_samples_total{{{_SELF}}}{RATE_WINDOW})) > 0)"
    ),
)
THANOS_UPLOAD_DELAY: Final = Signal(
    name="{{pod}}",
    unit=HOURS,
    expression=(
        "(time() - max by (pod) (thanos_objstore_bucket_last_successful_upload_time"
        f'{{job="prometheus-thanos", namespace=~"$namespace"}} > 0)) / {HOUR}'
    ),
)
REMOTE_WRITE_DELAY: Final = Signal(
    name="{{pod}} to {{remote_name}}",
    unit=MINUTES,
    expression=(
        f"max by (pod, remote_name) (prometheus_remote_storage_queue_highest_timestamp_seconds{{{_SELF}}}\n"
        f"- prometheus_remote_storage_queue_highest_sent_timestamp_seconds{{{_SELF}}}) / {MINUTE}"
    ),
)
