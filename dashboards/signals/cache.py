"""Redis. A stack's settings define `service` and `instance` of each cache."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import RATE_WINDOW, Signal
from dashboards.units import HOUR, HOURS, per_second

_SERVER: Final = 'job="redis-exporter", instance=~"$cache"'
_BY: Final = "by (service, instance)"
_NAME: Final = "{{service}} {{instance}}"

UP: Final = Signal(name=_NAME, unit=units.NoUnit, expression=f"max {_BY} (redis_up{{{_SERVER}}})")
MEMORY_USE: Final = Signal(
    name=_NAME,
    unit=units.PercentUnit,
    expression=(
        f"max {_BY} (redis_memory_used_bytes{{{_SERVER}}})\n/ (max {_BY} (redis_memory_max_bytes{{{_SERVER}}}) > 0)"
    ),
)
MEMORY: Final = (
    Signal(name=f"{_NAME} used", unit=units.BytesIEC, expression=f"max {_BY} (redis_memory_used_bytes{{{_SERVER}}})"),
    Signal(
        name=f"{_NAME} limit", unit=units.BytesIEC, expression=f"max {_BY} (redis_memory_max_bytes{{{_SERVER}}}) > 0"
    ),
)
HIT_RATIO: Final = Signal(
    name=_NAME,
    unit=units.PercentUnit,
    expression=(
        f"sum {_BY} (rate(redis_keyspace_hits_total{{{_SERVER}}}[15m]))\n"
        f"/ (\n  sum {_BY} (rate(redis_keyspace_hits_total{{{_SERVER}}}[15m]))\n"
        f"  + sum {_BY} (rate(redis_keyspace_misses_total{{{_SERVER}}}[15m])) > 0\n)"
    ),
)
EVICTIONS: Final = Signal(
    name=_NAME,
    unit=per_second("keys"),
    expression=f"sum {_BY} (rate(redis_evicted_keys_total{{{_SERVER}}}{RATE_WINDOW}))",
)
COMMAND_TIME: Final = Signal(
    name=_NAME,
    unit=units.Seconds,
    expression=(
        f"sum {_BY} (rate(redis_commands_duration_seconds_total{{{_SERVER}}}{RATE_WINDOW}))\n"
        f"/ (sum {_BY} (rate(redis_commands_total{{{_SERVER}}}{RATE_WINDOW})) > 0)"
    ),
)
COMMANDS: Final = Signal(
    name="{{cmd}}",
    unit=per_second("commands"),
    expression=f"topk(10, sum by (cmd) (rate(redis_commands_total{{{_SERVER}}}{RATE_WINDOW})))",
)
COMMAND_TIMES: Final = Signal(
    name="{{cmd}}",
    unit=units.Seconds,
    expression=(
        f"topk(10,\n  sum by (cmd) (rate(redis_commands_duration_seconds_total{{{_SERVER}}}{RATE_WINDOW}))\n"
        f"  / (sum by (cmd) (rate(redis_commands_total{{{_SERVER}}}{RATE_WINDOW})) > 0)\n)"
    ),
)
EXPIRED: Final = Signal(
    name=_NAME,
    unit=per_second("keys"),
    expression=f"sum {_BY} (rate(redis_expired_keys_total{{{_SERVER}}}{RATE_WINDOW}))",
)
KEYS: Final = Signal(
    name=f"{_NAME} {{{{db}}}}",
    unit=units.Short,
    expression=f"max by (service, instance, db) (redis_db_keys{{{_SERVER}}}) > 0",
)
FRAGMENTATION: Final = Signal(
    name=_NAME,
    unit=units.NoUnit,
    expression=f"max {_BY} (redis_mem_fragmentation_ratio{{{_SERVER}}})",
)
CONNECTIONS: Final = Signal(
    name=_NAME,
    unit=units.PercentUnit,
    expression=(
        f"max {_BY} (redis_connected_clients{{{_SERVER}}})\n/ (max {_BY} (redis_max_clients{{{_SERVER}}}) > 0)"
    ),
)
BLOCKED_CLIENTS: Final = Signal(
    name=_NAME,
    unit=units.Short,
    expression=f"max {_BY} (redis_blocked_clients{{{_SERVER}}})",
)
REJECTED_CONNECTIONS: Final = Signal(
    name=_NAME,
    unit=units.Short,
    expression=f"sum {_BY} (increase(redis_rejected_connections_total{{{_SERVER}}}[5m]))",
)
REPLICAS_LINKED: Final = Signal(
    name=f"{_NAME} to {{{{master_host}}}}",
    unit=units.NoUnit,
    expression=f"max by (service, instance, master_host) (redis_master_link_up{{{_SERVER}}})",
)
REPLICAS_CONNECTED: Final = Signal(
    name=_NAME,
    unit=units.Short,
    expression=f"max {_BY} (redis_connected_slaves{{{_SERVER}}})",
)
SNAPSHOT_AGE: Final = Signal(
    name=_NAME,
    unit=HOURS,
    expression=f"(time() - max {_BY} (redis_rdb_last_save_timestamp_seconds{{{_SERVER}}})) / {HOUR}",
)
PERSISTENCE: Final = tuple(
    Signal(name=f"{_NAME} {what}", unit=units.NoUnit, expression=f"max {_BY} ({metric}{{{_SERVER}}})")
    for what, metric in (("snapshot", "redis_rdb_last_bgsave_status"), ("log", "redis_aof_last_write_status"))
)
