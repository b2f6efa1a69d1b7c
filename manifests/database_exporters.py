"""Chart values and ServiceMonitor specs of the PostgreSQL and Redis exporters."""

from typing import Any, Final

from common.exporters import POSTGRES_EXPORTER, REDIS_EXPORTER, Exporter
from common.labels import component_labels, relabelings
from manifests.exporters import POD_SECURITY
from manifests.pod_security import CONTAINER_SECURITY
from manifests.scrape_limits import monitor_limits
from settings.databases import DatabaseSettings, PostgresSettings, RedisSettings
from settings.scrape_limits import ScrapeLimits

_PORT_NAME: Final = "http"

# Collectors that the catalogue reads and postgres_exporter 0.20.1 disables by default. stat_checkpointer has no metrics
# before PostgreSQL 17. stat_statements requires the extension pg_stat_statements; without it only this one fails.
_COLLECTORS: Final = ("database_wraparound", "long_running_transactions", "stat_checkpointer", "stat_statements")


def release_name(exporter: Exporter, settings: DatabaseSettings) -> str:
    """Return the name of the release of one server's exporter and of its objects."""
    return f"{exporter.name}-{settings.name}"


def postgres_exporter_values(settings: PostgresSettings, *, priority_class: str) -> dict[str, Any]:
    """Return the values of the PostgreSQL exporter's chart for one server."""
    host, _, port = settings.address.rpartition(":")
    secret = settings.secret
    return {
        **_common_values(POSTGRES_EXPORTER, settings, priority_class),
        "service": {"labels": component_labels(POSTGRES_EXPORTER.name), "name": _PORT_NAME},
        "config": {
            "datasource": {
                "host": host,
                "port": port,
                "database": settings.database,
                "sslmode": settings.ssl_mode,
                "userSecret": {"name": secret.name, "key": secret.username_key},
                "passwordSecret": {"name": secret.name, "key": secret.password_key},
            },
            "extraArgs": _collector_flags(settings),
        },
    }


def redis_exporter_values(settings: RedisSettings, *, priority_class: str, service_account: str) -> dict[str, Any]:
    """Return the values of the Redis exporter's chart for one server."""
    secret = settings.secret
    values = {
        **_common_values(REDIS_EXPORTER, settings, priority_class),
        # Not the chart's service account: its token would be mounted.
        "serviceAccount": {"create": False, "name": service_account},
        "service": {"labels": component_labels(REDIS_EXPORTER.name), "portName": _PORT_NAME},
        "redisAddress": f"{'rediss' if settings.tls else 'redis'}://{settings.address}",
        # With /scrape enabled, any client could make the exporter send this server's password to another server.
        "extraArgs": {"disable-scrape-endpoint": "true"},
    }
    if secret:
        values["auth"] = {"enabled": True, "secret": {"name": secret.name, "key": secret.password_key}}
    return values


def database_monitor_spec(exporter: Exporter, settings: DatabaseSettings, limits: ScrapeLimits) -> dict[str, Any]:
    """Return the `spec` of the ServiceMonitor of one server's exporter.

    The job is the exporter's name. The label `instance` is the server's name from the settings, because the address of
    the exporter's pod does not identify the server.
    """
    interval = settings.scrape_interval
    labels = {"service": settings.service, "team": settings.team, "instance": settings.name}
    return {
        "jobLabel": next(iter(component_labels(exporter.name))),
        "selector": {
            "matchLabels": {
                **component_labels(exporter.name),
                "app.kubernetes.io/instance": release_name(exporter, settings),
            }
        },
        "endpoints": [
            {"port": _PORT_NAME, "relabelings": relabelings(labels), **({"interval": interval} if interval else {})}
        ],
        **monitor_limits(limits),
    }


def _collector_flags(settings: PostgresSettings) -> list[str]:
    enabled = dict.fromkeys((*_COLLECTORS, *settings.enabled_collectors))
    return [
        *(f"--collector.{name}" for name in enabled if name not in settings.disabled_collectors),
        *(f"--no-collector.{name}" for name in settings.disabled_collectors),
    ]


def _common_values(exporter: Exporter, settings: DatabaseSettings, priority_class: str) -> dict[str, Any]:
    return {
        "priorityClassName": priority_class,
        # By default the chart would append its own name to that of the release.
        "fullnameOverride": release_name(exporter, settings),
        # The exporter does not use the Kubernetes API.
        "rbac": {"create": False},
        "podSecurityContext": dict(POD_SECURITY),
        "securityContext": dict(CONTAINER_SECURITY),
        "resources": settings.resources.specification,
    }
