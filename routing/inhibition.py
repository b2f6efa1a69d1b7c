"""Inhibition rules, which reduce the alerts of one root cause to one notification.

No two alerts exclude each other in their expressions: neither would fire for a value that alternates between them. The
more severe one mutes the other instead. A muted alert still mutes others, so the first and the last of a chain of three
alerts need no pair.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from catalogue.platform import CATALOGUE_LABEL

# Labels that Prometheus adds to every alert. Alertmanagers may serve several clusters.
ORIGIN: Final = ("environment", "cluster")


@dataclass(frozen=True)
class Inhibition:
    """Alerts that are muted while another one fires.

    Attributes:
        source: The alert that mutes.
        targets: The alerts that are muted.
        equal: Labels whose values must be the same in source and target, besides those of the origin. Empty if the
            source concerns the whole cluster.
        source_severity: Severity of the source in the catalogue.
        across: Whether the targets are about other objects than the source, which a dependency connects. Labels of the
            same name then need not be equal.
    """

    source: str
    targets: tuple[str, ...]
    equal: tuple[str, ...]
    source_severity: str = "critical"
    across: bool = False


_SERVICE: Final = ("namespace", "job", "service")
_OBJECTIVE: Final = (*_SERVICE, "slo")
_JOB: Final = ("job", "service")
_INSTANCE: Final = ("service", "instance")

# What customers and services see of a dependency that is down, by the dependency. Never alerts on security or on failed
# payments: these have other causes, too, and someone else has to know.
_OF_API: Final = (
    "ApiErrorBudgetBurnsFast",
    "ApiErrorBudgetBurnsSlowly",
    "ApiErrorRateHigh",
    "ApiLatencyBudgetBurnsFast",
    "ApiLatencyBudgetBurnsSlowly",
    "ApiLatencyP95High",
    "ApiLatencyP99High",
    "ApiRequestsPilingUp",
    "ApiRouteErrorRateHigh",
    "AvailabilityBudgetBurnsFast",
    "AvailabilityBudgetBurnsSlowly",
    "EndpointProbeFailed",
    "EndpointSlow",
    "SignInErrorsHigh",
    "SignInsDropped",
)
_OF_WORKERS: Final = (
    "PaymentBudgetBurnsFast",
    "PaymentBudgetBurnsSlowly",
    "PaymentLatencyHigh",
    "PaymentsStuck",
    "WebhookBacklog",
    "WebhookBudgetBurnsFast",
    "WebhookBudgetBurnsSlowly",
    "WebhookDeliveryFailing",
    "WorkerJobsFailing",
    "WorkerQueueBacklog",
)

# The source and every target have each label in `equal`: Alertmanager also considers a label equal that both lack, so
# the source would mute the target everywhere. Therefore PostgresDown does not mute DatabasePoolExhausted, whose label
# `service` is the service with the pool, not the database.
INHIBITIONS: Final = (
    # A node, with the alerts on its own metrics, on its state and on its pods that are still assigned to it.
    Inhibition(
        "NodeDown",
        (
            "KubeNodeNotReady",
            "KubeNodePressure",
            "KubePodNotReady",
            "KubeletDown",
            "KubeletNotReporting",
            "NodeCollectorFailing",
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
    # The targets of its pods have no label for the node, so this concerns the whole cluster.
    Inhibition("NodeDown", ("TargetDown",), (), across=True),
    Inhibition(
        "KubeletNotReporting",
        ("KubeNodeNotReady", "KubeNodePressure", "KubePodNotReady", "KubeletDown"),
        ("node",),
    ),
    Inhibition(
        "KubeNodeNotReady",
        ("KubeNodePressure", "KubePodNotReady", "KubeletDown"),
        ("node",),
        source_severity="warning",
    ),
    Inhibition("KubeContainerOomKilled", ("NodeOomKill",), ("node",), source_severity="warning"),
    Inhibition("NodeDiskSpaceCritical", ("NodeDiskSpaceLow", "NodeDiskFillsSoon"), ("node", "device", "mountpoint")),
    Inhibition("NodeDiskSpaceLow", ("NodeDiskFillsSoon",), ("node", "device", "mountpoint"), source_severity="warning"),
    Inhibition("KubeVolumeFull", ("KubeVolumeFillsSoon",), ("namespace", "persistentvolumeclaim")),
    # The cluster's DNS.
    Inhibition("CoreDnsErrorsHigh", ("CoreDnsPanics",), ("job",)),
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
    # Its address and what it works on. The probe and the backlog have another job.
    Inhibition(
        "ServiceDown",
        (
            "AvailabilityBudgetBurnsFast",
            "AvailabilityBudgetBurnsSlowly",
            "EndpointProbeFailed",
            "PaymentsStuck",
            "WebhookBacklog",
        ),
        ("service",),
        across=True,
    ),
    Inhibition("ApiErrorRateHigh", ("ApiRouteErrorRateHigh",), _SERVICE),
    # Burning an error budget fast pages for the same failures. If they continue after it, the muted alerts notify then.
    Inhibition("ApiErrorBudgetBurnsFast", ("ApiErrorRateHigh", "ApiRouteErrorRateHigh"), _SERVICE),
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
    Inhibition(
        "CertificateExpired",
        ("CertificateExpiryCritical", "CertificateExpiringSoon", "EndpointProbeFailed"),
        (*_SERVICE, "instance"),
    ),
    Inhibition("CertificateExpiryCritical", ("CertificateExpiringSoon",), (*_SERVICE, "instance")),
    Inhibition("EndpointProbeFailed", ("EndpointSlow", "EndpointDnsSlow"), (*_SERVICE, "instance")),
    # Burning the budget of availability is the same failure, counted over longer windows.
    Inhibition("EndpointProbeFailed", ("AvailabilityBudgetBurnsFast",), _SERVICE),
    # A database. The alerts on transaction ID wraparound are not muted: the risk remains while PostgreSQL is down.
    Inhibition("DatabasePoolExhausted", ("DatabasePoolNearlyExhausted",), ("namespace", "service", "pod")),
    # Requests that wait for a connection are slow or fail.
    Inhibition("DatabasePoolExhausted", (*_OF_API, *_OF_WORKERS), ("service",), across=True),
    Inhibition("PostgresConnectionsExhausted", ("PostgresConnectionsHigh",), _INSTANCE),
    # Which service uses which server is not known, so these concern the whole cluster.
    Inhibition(
        "PostgresDown",
        (*_OF_API, *_OF_WORKERS, "DatabasePoolExhausted", "DatabasePoolNearlyExhausted"),
        (),
        across=True,
    ),
    Inhibition("RedisDown", (*_OF_API, *_OF_WORKERS, "ActiveSessionsDropped"), (), across=True),
    Inhibition(
        "PostgresDown",
        (
            "PostgresConnectionsExhausted",
            "PostgresConnectionsHigh",
            "PostgresReplicationLagHigh",
            "PostgresReplicationSlotInactive",
            "PostgresSlotRetainsWal",
            "PostgresWalArchivingFailing",
            "PostgresQueriesSlow",
            "PostgresStatementSlow",
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
    Inhibition("PostgresMultixactAgeCritical", ("PostgresMultixactAgeHigh",), (*_INSTANCE, "datname")),
    # A replica without its primary leaves a slot without a consumer. The WAL that it retains is a danger of its own.
    Inhibition("PostgresReplicaDisconnected", ("PostgresReplicaLost", "PostgresReplicationSlotInactive"), ("service",)),
    Inhibition(
        "PostgresSlotRetainsWal",
        ("PostgresReplicationSlotInactive",),
        (*_INSTANCE, "slot_name"),
        source_severity="warning",
    ),
    Inhibition("PostgresStatementSlow", ("PostgresQueriesSlow",), (*_INSTANCE, "datname"), source_severity="warning"),
    Inhibition("PostgresWraparoundCritical", ("PostgresWraparoundNear",), (*_INSTANCE, "datname")),
    # At its client limit, Redis refuses the exporter, too.
    Inhibition("RedisConnectionsExhausted", ("RedisDown",), _INSTANCE),
    Inhibition(
        "RedisDown",
        (
            "RedisRejectedConnections",
            "RedisConnectionsHigh",
            "RedisMemoryHigh",
            "RedisEvictionsHigh",
            "RedisHitRateLow",
            "RedisCommandsSlow",
            "RedisReplicaLost",
            "RedisReplicationBroken",
            "RedisSnapshotOld",
            "RedisPersistenceFailing",
        ),
        _INSTANCE,
    ),
    Inhibition("RedisRejectedConnections", ("RedisConnectionsHigh",), _INSTANCE),
    # A component of the stack that does not respond at all, with the alerts on its single targets.
    Inhibition("PrometheusOperatorAbsent", ("TargetDown",), _JOB, source_severity="warning"),
    Inhibition("NodeExporterAbsent", ("TargetDown",), _JOB, source_severity="warning"),
    Inhibition("KubeStateMetricsAbsent", ("TargetDown",), _JOB, source_severity="warning"),
    Inhibition("BlackboxExporterAbsent", ("TargetDown",), _JOB, source_severity="warning"),
    Inhibition("GrafanaDown", ("TargetDown",), _JOB, source_severity="warning"),
    Inhibition("GrafanaDown", ("GrafanaEndpointFailed",), ("service",), source_severity="warning"),
    Inhibition("AlertmanagerClusterDown", ("TargetDown",), _SERVICE),
    # The replica that rejects the new configuration is the one that differs.
    Inhibition("AlertmanagerConfigReloadFailed", ("AlertmanagerConfigInconsistent",), _SERVICE),
)


def inhibit_rules(teams: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return Alertmanager's `inhibit_rules`; `teams` have their own on-call.

    Sources are alerts of this catalogue only, and alerts of another cluster or environment are never muted. The rules
    match severities, too: a stack may change the severity of an alert, and an alert must never mute a more severe one.
    """
    return [rule for inhibition in INHIBITIONS for rule in _rules(inhibition, teams)]


def _rules(inhibition: Inhibition, teams: Sequence[str]) -> list[dict[str, Any]]:
    """Return one rule, or two if teams have their own on-call.

    An alert of such a team is only muted by an alert that this team gets.
    """
    marker, value = CATALOGUE_LABEL
    targets = [f'alertname=~"{"|".join(inhibition.targets)}"']
    if inhibition.source_severity == "critical":
        severity = 'severity="critical"'
    else:
        severity = 'severity=~"critical|warning"'
        targets.append('severity!="critical"')
    rule: dict[str, Any] = {
        "source_matchers": [f'alertname="{inhibition.source}"', severity, f'{marker}="{value}"'],
        "target_matchers": targets,
        "equal": [*ORIGIN, *inhibition.equal],
    }
    if not teams:
        return [rule]
    names = "|".join(teams)
    return [
        {**rule, "target_matchers": [*targets, f'team!~"{names}"']},
        {**rule, "target_matchers": [*targets, f'team=~"{names}"'], "equal": [*rule["equal"], "team"]},
    ]
