"""PostgreSQL servers, and the application's connection pools.

A stack's settings define `service` and `instance` of each database; `namespace` is the exporter's.
"""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import Signal

_SERVER: Final = 'job="postgres-exporter", instance=~"$database"'
_BY: Final = "by (service, instance)"
_NAME: Final = "{{service}} {{instance}}"
# Workers of autovacuum and of parallel statements have their own limits.
_CLIENTS: Final = 'backend_type="client backend"'
_NAMESPACE: Final = 'namespace=~"$namespace"'

UP: Final = Signal(name=_NAME, unit=units.NoUnit, expression=f"max {_BY} (pg_up{{{_SERVER}}})")
CONNECTIONS: Final = Signal(
    name=_NAME,
    unit=units.PercentUnit,
    expression=(
        f"sum {_BY} (pg_stat_activity_count{{{_SERVER}, {_CLIENTS}}})\n"
        f"/ (\n  max {_BY} (pg_settings_max_connections{{{_SERVER}}})\n"
        f"  - max {_BY} (pg_settings_superuser_reserved_connections{{{_SERVER}}}) > 0\n)"
    ),
)
CONNECTIONS_BY_STATE: Final = Signal(
    name="{{state}}",
    unit=units.Short,
    expression=f"sum by (state) (pg_stat_activity_count{{{_SERVER}, {_CLIENTS}}})",
)
POOLS: Final = Signal(
    name="{{namespace}}/{{service}}",
    unit=units.PercentUnit,
    expression=(
        f'sum by (namespace, service) (bais_db_pool_connections{{{_NAMESPACE}, state="in_use"}})\n'
        f"/ (sum by (namespace, service) (bais_db_pool_connections_max{{{_NAMESPACE}}}) > 0)"
    ),
)
POOLS_BY_POD: Final = Signal(
    name="{{namespace}}/{{pod}}",
    unit=units.PercentUnit,
    expression=(
        "topk(10,\n"
        f'  sum by (namespace, pod) (bais_db_pool_connections{{{_NAMESPACE}, state="in_use"}})\n'
        f"  / (sum by (namespace, pod) (bais_db_pool_connections_max{{{_NAMESPACE}}}) > 0)\n)"
    ),
)
POOL_WAITERS: Final = Signal(
    name="{{namespace}}/{{pod}}",
    unit=units.Short,
    expression=(
        f'topk(10,\n  max by (namespace, service, pod) (bais_db_pool_connections{{{_NAMESPACE}, state="waiting"}})\n)'
    ),
)
POOLS_BY_STATE: Final = Signal(
    name="{{state}}",
    unit=units.Short,
    expression=f"sum by (state) (bais_db_pool_connections{{{_NAMESPACE}}})",
)
REPLICATION_LAG: Final = Signal(
    name=_NAME,
    unit=units.Seconds,
    expression=(
        f"max {_BY} (pg_replication_lag_seconds{{{_SERVER}}})\n"
        f"and max {_BY} (pg_replication_is_replica{{{_SERVER}}}) == 1"
    ),
)
REPLICAS_CONNECTED: Final = Signal(
    name=_NAME,
    unit=units.Short,
    expression='instance:postgres_connected_replicas:count{instance=~"$database"}',
)
SLOTS_READ: Final = Signal(
    name=f"{_NAME} {{{{slot_name}}}}",
    unit=units.NoUnit,
    expression=f"max by (service, instance, slot_name) (pg_replication_slots_active{{{_SERVER}}})",
)
SLOTS_BEHIND: Final = Signal(
    name=f"{_NAME} {{{{slot_name}}}}",
    unit=units.BytesIEC,
    expression=f"max by (service, instance, slot_name) (pg_replication_slots_pg_wal_lsn_diff{{{_SERVER}}})",
)
ARCHIVING_FAILURES: Final = Signal(
    name=_NAME,
    unit=units.Short,
    expression=f"sum {_BY} (increase(pg_stat_archiver_failed_count{{{_SERVER}}}[15m]))",
)
SIZE: Final = Signal(
    name=f"{_NAME} {{{{datname}}}}",
    unit=units.BytesIEC,
    expression=f"max by (service, instance, datname) (pg_database_size_bytes{{{_SERVER}}})",
)
# In transactions, despite the metric's name.
UNFROZEN_AGE: Final = Signal(
    name=f"{_NAME} {{{{datname}}}}",
    unit=units.Short,
    expression=(
        f"max by (service, instance, datname) (\n  pg_database_wraparound_age_datfrozenxid_seconds{{{_SERVER}}}\n)"
    ),
)
MULTIXACT_AGE: Final = Signal(
    name=f"{_NAME} {{{{datname}}}}",
    unit=units.Short,
    expression=(
        f"max by (service, instance, datname) (\n  pg_database_wraparound_age_datminmxid_seconds{{{_SERVER}}}\n)"
    ),
)
COLLECTORS: Final = Signal(
    name=f"{_NAME} {{{{collector}}}}",
    unit=units.NoUnit,
    expression=f"max by (service, instance, collector) (pg_scrape_collector_success{{{_SERVER}}})",
)
