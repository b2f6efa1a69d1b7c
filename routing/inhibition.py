"""Inhibition rules, which reduce the alerts of one root cause to one notification.

Pairs whose expressions exclude each other are not here, because they never fire together. A muted alert still mutes
others, so the first and the last of a chain of three alerts need no pair.
"""

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Inhibition:
    """Alerts that are muted while another one fires.

    Attributes:
        source: The alert that mutes.
        targets: The alerts that are muted.
        equal: Labels whose values must be the same in source and target.
        source_severity: Severity of the source in the catalogue.
    """

    source: str
    targets: tuple[str, ...]
    equal: tuple[str, ...]
    source_severity: str = "critical"


_SERVICE: Final = ("namespace", "job", "service")
_OBJECTIVE: Final = (*_SERVICE, "slo")
_INSTANCE: Final = ("service", "instance")

# The source and every target have each label in `equal`: Alertmanager also considers a label equal that both lack, so
# the source would mute the target everywhere. Therefore PostgresDown does not mute DatabasePoolExhausted, whose label
# `service` is the service with the pool, not the database.
INHIBITIONS: Final = (
    # A node, with the alerts on its own metrics and on its state. Not those on pods: Kubernetes reschedules them.
    Inhibition(
        "NodeDown",
        (
            "KubeNodeNotReady",
            "KubeNodePressure",
            "KubeletDown",
            "NodeExporterDown",
            "NodeCpuHigh",
            "NodeMemoryHigh",
            "NodeOomKill",
            "NodeFileDescriptorsHigh",
            "NodeDiskSpaceCritical",
            "NodeDiskSpaceLow",
            "NodeDiskFillsSoon",
            "NodeInodesLow",
            "NodeFilesystemReadOnly",
            "NodeDiskSaturated",
            "NodeNetworkErrors",
            "NodeConntrackNearLimit",
            "NodeClockSkew",
            "NodeClockNotSynchronised",
        ),
        ("node",),
    ),
    Inhibition("KubeNodeNotReady", ("KubeletDown", "KubeNodePressure"), ("node",), source_severity="warning"),
    Inhibition("NodeDiskSpaceCritical", ("NodeDiskFillsSoon",), ("node", "device", "mountpoint")),
    # The API server of the cluster.
    Inhibition("KubeApiServerErrors", ("KubeApiServerSlow",), ("job",)),
    # While a container restarts, its pod cannot be ready.
    Inhibition("KubePodCrashLooping", ("KubePodNotReady",), ("namespace", "pod"), source_severity="warning"),
    # A service, with the alerts on its last samples.
    Inhibition(
        "ServiceDown",
        (
            "TargetDown",
            "ApiErrorRateHigh",
            "ApiRouteErrorRateHigh",
            "ApiLatencyP95High",
            "ApiLatencyP99High",
            "ApiThroughputLow",
            "ApiTrafficDropped",
            "ApiNoTraffic",
            "ApiClientErrorsHigh",
            "ApiRequestsPilingUp",
            "ApiMetricsMissing",
            "WorkerQueueBacklog",
            "WorkerJobsFailing",
        ),
        _SERVICE,
    ),
    Inhibition("ApiErrorRateHigh", ("ApiRouteErrorRateHigh",), _SERVICE),
    # Burning an error budget fast pages for the same failures. If they continue after it, the muted alerts notify then.
    Inhibition("ApiErrorBudgetBurnsFast", ("ApiErrorRateHigh",), _SERVICE),
    Inhibition("ApiErrorBudgetBurnsFast", ("ApiErrorBudgetBurnsSlowly",), _OBJECTIVE),
    Inhibition("ApiLatencyBudgetBurnsFast", ("ApiLatencyP95High", "ApiLatencyP99High"), _SERVICE),
    Inhibition("ApiLatencyBudgetBurnsFast", ("ApiLatencyBudgetBurnsSlowly",), _OBJECTIVE),
    Inhibition("AvailabilityBudgetBurnsFast", ("AvailabilityBudgetBurnsSlowly",), _OBJECTIVE),
    Inhibition("PaymentBudgetBurnsFast", ("PaymentBudgetBurnsSlowly",), _OBJECTIVE),
    Inhibition("WebhookBudgetBurnsFast", ("WebhookBudgetBurnsSlowly",), _OBJECTIVE),
    Inhibition("ApiNoTraffic", ("ApiTrafficDropped", "ApiThroughputLow"), _SERVICE),
    Inhibition("PaymentsStopped", ("PaymentVolumeLow",), _SERVICE),
    Inhibition("PaymentsStuck", ("PaymentPendingLong",), _SERVICE),
    Inhibition("WebhookBacklog", ("WebhookDispatcherSlow", "WebhookDeliveryFailing"), _SERVICE),
    Inhibition("RegistrationsStopped", ("RegistrationsDropped",), _SERVICE),
    # An endpoint. Clients that verify an expired certificate can no longer connect.
    Inhibition("CertificateExpired", ("EndpointProbeFailed",), (*_SERVICE, "instance")),
    Inhibition("EndpointProbeFailed", ("EndpointSlow", "EndpointDnsSlow"), (*_SERVICE, "instance")),
    # A database. The alerts on transaction ID wraparound are not muted: the risk remains while PostgreSQL is down.
    Inhibition("DatabasePoolExhausted", ("DatabasePoolNearlyExhausted",), ("namespace", "service")),
    Inhibition(
        "PostgresDown",
        (
            "PostgresConnectionsExhausted",
            "PostgresConnectionsHigh",
            "PostgresReplicationLagHigh",
            "PostgresReplicationSlotInactive",
            "PostgresWalArchivingFailing",
            "PostgresQueriesSlow",
            "PostgresTransactionLong",
            "PostgresIdleInTransaction",
            "PostgresDeadlocks",
            "PostgresRollbacksHigh",
            "PostgresCacheHitRatioLow",
            "PostgresLocksHigh",
            "PostgresExporterErrors",
        ),
        _INSTANCE,
    ),
    Inhibition(
        "RedisDown",
        (
            "RedisRejectedConnections",
            "RedisConnectionsHigh",
            "RedisMemoryHigh",
            "RedisEvictionsHigh",
            "RedisHitRateLow",
            "RedisCommandsSlow",
            "RedisReplicationBroken",
            "RedisPersistenceFailing",
        ),
        _INSTANCE,
    ),
    Inhibition("RedisRejectedConnections", ("RedisConnectionsHigh",), _INSTANCE),
    # The replica that rejects the new configuration is the one that differs.
    Inhibition("AlertmanagerConfigReloadFailed", ("AlertmanagerConfigInconsistent",), _SERVICE),
)


def inhibit_rules() -> list[dict[str, Any]]:
    """Return Alertmanager's `inhibit_rules`.

    They match severities, too: a stack may change the severity of an alert, and an alert must never mute a more severe
    one.
    """
    return [_rule(inhibition) for inhibition in INHIBITIONS]


def _rule(inhibition: Inhibition) -> dict[str, Any]:
    targets = [f'alertname=~"{"|".join(inhibition.targets)}"']
    if inhibition.source_severity == "critical":
        severity = 'severity="critical"'
    else:
        severity = 'severity=~"critical|warning"'
        targets.append('severity!="critical"')
    return {
        "source_matchers": [f'alertname="{inhibition.source}"', severity],
        "target_matchers": targets,
        "equal": list(inhibition.equal),
    }
