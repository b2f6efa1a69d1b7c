"""Queries that the health check sends to each replica of Prometheus.

Thresholds are not in them: the check compares the numbers with the limits of the stack's alerts.
"""

from collections.abc import Mapping
from typing import Final

from catalogue.platform import CATALOGUE_LABEL
from operations.health.plan import HealthPlan
from verification.notifications import RECEIVER

DEAD_MANS_SWITCH: Final = "dead-mans-switch"
_CHANNEL: Final = f"{RECEIVER}, integration"
# How long the heartbeat may take to arrive: it is sent every five minutes.
HEARTBEAT_MINUTES: Final = 15
# Precision of the time of the last message.
LAST_MINUTES: Final = 5
# The alert on client certificates of the cluster, with its own limits.
CLIENT_CERTIFICATES: Final = "KubeClientCertificateExpiring"


def queries(plan: HealthPlan) -> Mapping[str, str]:
    """Return the queries of a stack by name; each is evaluated at the present time."""
    own = f'namespace="{plan.namespace}"'
    alertmanager = f'{{job="alertmanager", {own}}}'
    sent = f"alertmanager_notifications_total{alertmanager}"
    undelivered = f"alertmanager_notifications_failed_total{alertmanager}"
    heartbeats = f'{{job="alertmanager", {own}, {RECEIVER}="{DEAD_MANS_SWITCH}"}}'
    label, value = CATALOGUE_LABEL
    step = f"{LAST_MINUTES}m"
    volume = f'{{job="kubelet", {own}}}'
    container = '{{job="kubelet", container!="", namespace=~"{}"}}'.format("|".join(plan.namespaces))
    by_container = "max by (namespace, pod, container)"
    certificates = plan.expression(CLIENT_CERTIFICATES)
    return {
        "heartbeat": f'ALERTS{{alertname="Watchdog", alertstate="firing", {label}="{value}"}}',
        "sent": f"sum by ({_CHANNEL}) (increase({sent}[1d]))",
        "undelivered": f"sum by ({_CHANNEL}) (increase({undelivered}[1d]))",
        "undelivered_now": f"sum by ({_CHANNEL}) (increase({undelivered}[15m]))",
        # At each step, the notifications that arrived since the one before; the newest step with one is the result.
        "last_sent": (
            f"max_over_time(timestamp((sum by ({_CHANNEL}) (increase({sent}[{step}]))"
            f" - sum by ({_CHANNEL}) (increase({undelivered}[{step}]))) > 0.5)[7d:{step}])"
        ),
        "heartbeats": (
            f"sum(increase(alertmanager_notifications_total{heartbeats}[{HEARTBEAT_MINUTES}m]))"
            f" - sum(increase(alertmanager_notifications_failed_total{heartbeats}[{HEARTBEAT_MINUTES}m]))"
        ),
        "alerts_undelivered": f'sum(increase(prometheus_notifications_errors_total{{job="prometheus", {own}}}[15m]))',
        "volume_available": f"max by (persistentvolumeclaim) (kubelet_volume_stats_available_bytes{volume})",
        "volume_capacity": f"max by (persistentvolumeclaim) (kubelet_volume_stats_capacity_bytes{volume})",
        # Not before an hour, because a few minutes say nothing about days.
        "volume_growth": (
            f"-min by (persistentvolumeclaim) (deriv(kubelet_volume_stats_available_bytes{volume}[6h])"
            f" and kubelet_volume_stats_available_bytes{volume} offset 1h)"
        ),
        "certificates": (
            "min by (instance) ((last_over_time(probe_ssl_last_chain_expiry_timestamp_seconds[10m]) > 0"
            " or last_over_time(probe_ssl_earliest_cert_expiry[10m])) - time()) / 86400"
        ),
        "remote_write_delay": (
            "max by (remote_name) (prometheus_remote_storage_queue_highest_timestamp_seconds"
            " - prometheus_remote_storage_queue_highest_sent_timestamp_seconds)"
        ),
        "remote_write_lost": "sum by (remote_name) (increase(prometheus_remote_storage_samples_failed_total[15m]))",
        "memory": (
            f"{by_container} (container_memory_working_set_bytes{container})"
            f" - {by_container} (container_memory_total_active_file_bytes{container})"
            f" or {by_container} (container_memory_rss{container})"
        ),
        "api_server": 'up{job="apiserver"} == 1',
        **({"client_certificates": certificates} if certificates else {}),
    }
