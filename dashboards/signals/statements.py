"""PostgreSQL statements, transactions and locks per database."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import RANGE_WINDOW, RATE_WINDOW, Signal
from dashboards.units import MINUTE, MINUTES, per_second

_SERVER: Final = 'job="postgres-exporter", instance=~"$database"'
_BY: Final = "by (service, instance, datname)"
_NAME: Final = "{{service}} {{instance}} {{datname}}"
_BY_USER: Final = "by (service, instance, datname, usename)"

MEAN_TIME: Final = Signal(
    name=_NAME,
    unit=units.Seconds,
    expression=(
        f"sum {_BY} (rate(pg_stat_statements_seconds_total{{{_SERVER}}}{RATE_WINDOW}))\n"
        f"/ (sum {_BY} (rate(pg_stat_statements_calls_total{{{_SERVER}}}{RATE_WINDOW})) > 0)"
    ),
)
# Execution seconds per second: above 1, the statement runs more than once concurrently.
BUSIEST: Final = Signal(
    name="{{service}} {{datname}} {{queryid}}",
    unit=units.Short,
    expression=(
        "topk(10, sum by (service, datname, queryid) (\n"
        f"  rate(pg_stat_statements_seconds_total{{{_SERVER}}}{RATE_WINDOW})\n))"
    ),
)
_EACH: Final = "sum by (service, instance, datname, user, queryid)"
SLOWEST: Final = Signal(
    name="{{service}} {{instance}} {{datname}} {{user}} {{queryid}}",
    unit=units.Seconds,
    expression=(
        "topk(10,\n"
        f"  {_EACH} (rate(pg_stat_statements_seconds_total{{{_SERVER}}}[10m]))\n"
        f"  / ({_EACH} (rate(pg_stat_statements_calls_total{{{_SERVER}}}[10m])) > 0.1)\n)"
    ),
)
_STATEMENT: Final = "sum by (instance, datname, queryid)"
_TIME: Final = f"{_STATEMENT} (increase(pg_stat_statements_seconds_total{{{_SERVER}}}{RANGE_WINDOW}))"
_CALLS: Final = f"{_STATEMENT} (increase(pg_stat_statements_calls_total{{{_SERVER}}}{RANGE_WINDOW}))"
_COSTLIEST: Final = f"topk(10, {_TIME})"

COSTLIEST: Final = (
    Signal(name="total time", unit=units.Seconds, expression=_COSTLIEST),
    Signal(name="calls", unit=units.Short, expression=f"{_CALLS}\nand {_COSTLIEST}"),
    Signal(name="mean time", unit=units.Seconds, expression=f"{_TIME} / ({_CALLS} > 0)\nand {_COSTLIEST}"),
)
RUNNING_TRANSACTIONS: Final = Signal(
    name=f"{_NAME} {{{{usename}}}}",
    unit=MINUTES,
    expression=(
        f"topk(10, max {_BY_USER} (\n"
        f'  pg_stat_activity_max_tx_duration{{{_SERVER}, state="active", backend_type="client backend"}}\n)) / {MINUTE}'
    ),
)
IDLE_TRANSACTIONS: Final = Signal(
    name=f"{_NAME} {{{{usename}}}}",
    unit=MINUTES,
    expression=(
        f"topk(10, max {_BY_USER} (\n"
        f'  pg_stat_activity_max_tx_duration{{{_SERVER}, state=~"idle in transaction.*"}}\n)) / {MINUTE}'
    ),
)
TRANSACTIONS: Final = Signal(
    name=_NAME,
    unit=per_second("transactions"),
    expression=(
        f"sum {_BY} (rate(pg_stat_database_xact_commit{{{_SERVER}}}{RATE_WINDOW}))\n"
        f"+ sum {_BY} (rate(pg_stat_database_xact_rollback{{{_SERVER}}}{RATE_WINDOW}))"
    ),
)
ROLLBACKS: Final = Signal(
    name=_NAME,
    unit=units.PercentUnit,
    expression=(
        f"sum {_BY} (rate(pg_stat_database_xact_rollback{{{_SERVER}}}{RATE_WINDOW}))\n"
        f"/ (\n  sum {_BY} (rate(pg_stat_database_xact_rollback{{{_SERVER}}}{RATE_WINDOW}))\n"
        f"  + sum {_BY} (rate(pg_stat_database_xact_commit{{{_SERVER}}}{RATE_WINDOW})) > 0\n)"
    ),
)
CACHE_HITS: Final = Signal(
    name=_NAME,
    unit=units.PercentUnit,
    expression=(
        f"sum {_BY} (rate(pg_stat_database_blks_hit{{{_SERVER}}}[15m]))\n"
        f"/ (\n  sum {_BY} (rate(pg_stat_database_blks_hit{{{_SERVER}}}[15m]))\n"
        f"  + sum {_BY} (rate(pg_stat_database_blks_read{{{_SERVER}}}[15m])) > 0\n)"
    ),
)
DEADLOCKS: Final = Signal(
    name=_NAME,
    unit=units.Short,
    expression=f"sum {_BY} (increase(pg_stat_database_deadlocks{{{_SERVER}}}[10m]))",
)
LOCKS: Final = Signal(
    name="{{service}} {{instance}}",
    unit=units.PercentUnit,
    expression=(
        f"sum by (service, instance) (pg_locks_count{{{_SERVER}}})\n"
        f"/ (\n  max by (service, instance) (pg_settings_max_locks_per_transaction{{{_SERVER}}})\n"
        f"  * max by (service, instance) (pg_settings_max_connections{{{_SERVER}}}) > 0\n)"
    ),
)
