"""Which alert mutes which others while it fires, so that one root cause gives one notification.

Pairs that never fire together are not here: their expressions exclude each other. An alert that is itself muted still
mutes, so a chain of three needs no pair of its ends.
"""

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Inhibition:
    """Alerts that say nothing new while `source` fires with the same values of all labels in `equal`."""

    source: str
    targets: tuple[str, ...]
    equal: tuple[str, ...]
    source_severity: str = "critical"


_SERVICE: Final = ("namespace", "job", "service")
_OBJECTIVE: Final = (*_SERVICE, "slo")
_INSTANCE: Final = ("service", "instance")

# Each label in `equal` is on the source and on every target: one that both lack counts as equal, and would mute
# everywhere. DatabasePoolExhausted stands apart from PostgresDown for that: it names the service with the pool, not the
# database.
INHIBITIONS: Final = (
    # A node, and what it reports itself or others report of it. Pods are none of it: Kubernetes starts them elsewhere.
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
    # A cluster.
    Inhibition("KubeApiServerErrors", ("KubeApiServerSlow",), ("job",)),
    # Its container restarts, so the pod cannot be ready.
    Inhibition("KubePodCrashLooping", ("KubePodNotReady",), ("namespace", "pod"), source_severity="warning"),
    # A service, and what its last numbers still say.
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
    # A budget that burns fast pages for the same failures; what is left of them when it ends is told of then.
    Inhibition("ApiErrorBudgetBurnsFast", ("ApiErrorRateHigh",), _SERVICE),
    Inhibition("ApiErrorBudgetBurnsFast", ("ApiErrorBudgetBurnsSlowly",), _OBJECTIVE),
    Inhibition("ApiLatencyBudgetBurnsFast", ("ApiLatencyP95High", "ApiLatencyP99High"), _SERVICE),
    Inhibition("ApiLatencyBudgetBurnsFast", ("ApiLatencyBudgetBurnsSlowly",), _OBJECTIVE),
    Inhibition("AvailabilityBudgetBurnsFast", ("AvailabilityBudgetBurnsSlowly",), _OBJECTIVE),
    Inhibition("PaymentBudgetBurnsFast", ("PaymentBudgetBurnsSlowly",), _OBJECTIVE),
    Inhibition("WebhookBudgetBurnsFast", ("WebhookBudgetBurnsSlowly",), _OBJECTIVE),
    Inhibition("ApiNoTraffic", ("ApiTrafficDropped", "ApiThroughputLow"), _SERVICE),
    Inhibition("PaymentsStopped", ("PaymentVolumeLow",), _SERVICE),
    Inhibition("RegistrationsStopped", ("RegistrationsDropped",), _SERVICE),
    # An endpoint. Whoever verifies an expired certificate cannot connect any more.
    Inhibition("CertificateExpired", ("EndpointProbeFailed",), (*_SERVICE, "instance")),
    Inhibition("EndpointProbeFailed", ("EndpointSlow", "EndpointDnsSlow"), (*_SERVICE, "instance")),
    # A database. How near PostgreSQL is to the end of its transaction numbers stays true while nobody can log in.
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
    # The replica that refuses the new configuration is the one that differs.
    Inhibition("AlertmanagerConfigReloadFailed", ("AlertmanagerConfigInconsistent",), _SERVICE),
)


def inhibit_rules() -> list[dict[str, Any]]:
    """Alertmanager's `inhibit_rules`; a stack may have changed severities, and nothing mutes what weighs more."""
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
