"""Redis. `service` and `instance` are those that a stack's settings give to a cache."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import WINDOW, Signal

_SERVER: Final = 'job="redis-exporter"'
_BY: Final = "by (service, instance)"
_NAME: Final = "{{service}} {{instance}}"

MEMORY_USE: Final = Signal(
    name=_NAME,
    unit=units.PercentUnit,
    expression=(
        f"max {_BY} (redis_memory_used_bytes{{{_SERVER}}})\n/ (max {_BY} (redis_memory_max_bytes{{{_SERVER}}}) > 0)"
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
    unit=units.CountsPerSecond,
    expression=f"sum {_BY} (rate(redis_evicted_keys_total{{{_SERVER}}}{WINDOW}))",
)
COMMAND_TIME: Final = Signal(
    name=_NAME,
    unit=units.Seconds,
    expression=(
        f"sum {_BY} (rate(redis_commands_duration_seconds_total{{{_SERVER}}}{WINDOW}))\n"
        f"/ (sum {_BY} (rate(redis_commands_total{{{_SERVER}}}{WINDOW})) > 0)"
    ),
)
