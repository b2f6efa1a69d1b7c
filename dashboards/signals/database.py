"""PostgreSQL, and the pools through which the application uses it.

`service` and `instance` are those that a stack's settings give to a database; a namespace would be the exporter's.
"""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import WINDOW, Signal

_SERVER: Final = 'job="postgres-exporter"'
_BY: Final = "by (service, instance)"
_NAME: Final = "{{service}} {{instance}}"

CONNECTIONS: Final = Signal(
    name=_NAME,
    unit=units.PercentUnit,
    expression=(
        f"sum {_BY} (pg_stat_activity_count{{{_SERVER}}})\n"
        f"/ (\n  max {_BY} (pg_settings_max_connections{{{_SERVER}}})\n"
        f"  - max {_BY} (pg_settings_superuser_reserved_connections{{{_SERVER}}}) > 0\n)"
    ),
)
POOLS: Final = Signal(
    name="{{namespace}}/{{service}}",
    unit=units.PercentUnit,
    expression=(
        'sum by (namespace, service) (bais_db_pool_connections{namespace=~"$namespace", state="in_use"})\n'
        '/ (sum by (namespace, service) (bais_db_pool_connections_max{namespace=~"$namespace"}) > 0)'
    ),
)
STATEMENT_TIME: Final = Signal(
    name="{{service}} {{datname}}",
    unit=units.Seconds,
    expression=(
        f"sum by (service, instance, datname) (rate(pg_stat_statements_seconds_total{{{_SERVER}}}{WINDOW}))\n"
        f"/ (sum by (service, instance, datname) (rate(pg_stat_statements_calls_total{{{_SERVER}}}{WINDOW})) > 0)"
    ),
)
REPLICATION_LAG: Final = Signal(
    name=_NAME,
    unit=units.Seconds,
    expression=(
        f"max {_BY} (pg_replication_lag_seconds{{{_SERVER}}})\n"
        f"and max {_BY} (pg_replication_is_replica{{{_SERVER}}}) == 1"
    ),
)
