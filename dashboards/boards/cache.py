"""Cache dashboard: availability, memory, hit ratio and persistence of Redis."""

from typing import Final

from dashboards.model import Board, Panel, PartOf, Row, Variable, View, above, below, states
from dashboards.signals import cache
from dashboards.units import HOUR

_SERVERS: Final = Row(
    title="Connections",
    panels=(
        Panel(
            slug="redis-up",
            title="Servers",
            description="Whether each server responds to the exporter.",
            view=View.STATES,
            signals=(cache.UP,),
            states=states(bad="down", good="up"),
            width=12,
        ),
        Panel(
            slug="connections",
            title="Connections in use",
            description="Share of each server's client limit in use.",
            view=View.TREND,
            signals=(cache.CONNECTIONS,),
            limits=above(warning="redis_connections_ratio", critical="redis_connections_exhausted_ratio"),
            highest=1,
            width=12,
        ),
        Panel(
            slug="rejected-connections",
            title="Rejected connections",
            description="Connections in the last 5 minutes rejected because the client limit was reached.",
            view=View.TREND,
            signals=(cache.REJECTED_CONNECTIONS,),
            limits=above(critical="redis_rejected_connections_count"),
            width=12,
        ),
        Panel(
            slug="blocked-clients",
            title="Blocked clients",
            description="Clients waiting in a blocking command on a list or stream.",
            view=View.TREND,
            signals=(cache.BLOCKED_CLIENTS,),
            width=12,
        ),
    ),
)

_MEMORY: Final = Row(
    title="Memory",
    panels=(
        Panel(
            slug="memory",
            title="Memory in use",
            description="Share of the memory limit in use. At the limit, keys are evicted or writes fail.",
            view=View.TREND,
            signals=(cache.MEMORY_USE,),
            limits=above(warning="redis_memory_ratio"),
            highest=1,
            width=12,
        ),
        Panel(
            slug="evictions",
            title="Evictions",
            description="Keys per second evicted to free memory.",
            view=View.TREND,
            signals=(cache.EVICTIONS,),
            limits=above(warning="redis_evictions_rate"),
            width=12,
        ),
        Panel(
            slug="memory-bytes",
            title="Memory used and limit",
            description="Memory used by stored data, and its limit. No second line means no limit.",
            view=View.TREND,
            signals=cache.MEMORY,
            width=6,
        ),
        Panel(
            slug="keys",
            title="Stored keys",
            description="Keys stored in each non-empty database.",
            view=View.TREND,
            signals=(cache.KEYS,),
            width=6,
        ),
        Panel(
            slug="expired-keys",
            title="Expired keys",
            description="Keys per second removed because their TTL expired.",
            view=View.TREND,
            signals=(cache.EXPIRED,),
            width=6,
        ),
        Panel(
            slug="fragmentation",
            title="Fragmentation",
            description="Resident memory per byte of data. Below 1, part of the memory is swapped out.",
            view=View.TREND,
            signals=(cache.FRAGMENTATION,),
            width=6,
        ),
    ),
)

_COMMANDS: Final = Row(
    title="Hit ratio and command latency",
    panels=(
        Panel(
            slug="hit-rate",
            title="Hit ratio",
            description="Share of lookups in the last 15 minutes that found a key.",
            view=View.TREND,
            signals=(cache.HIT_RATIO,),
            limits=below(warning="redis_hit_ratio"),
            highest=1,
            width=12,
        ),
        Panel(
            slug="command-time",
            title="Mean command time",
            description="Mean execution time of commands. A server executes one command at a time.",
            view=View.TREND,
            signals=(cache.COMMAND_TIME,),
            limits=above(warning="redis_command_slow_seconds"),
            width=12,
        ),
        Panel(
            slug="commands",
            title="Commands by name, top 10",
            description="Commands per second, sum of all selected servers.",
            view=View.TREND,
            signals=(cache.COMMANDS,),
            stacked=True,
            width=12,
        ),
        Panel(
            slug="slowest-commands",
            title="Slowest commands, top 10",
            description="Mean execution time of each command.",
            view=View.TREND,
            signals=(cache.COMMAND_TIMES,),
            width=12,
        ),
    ),
)

_DURABILITY: Final = Row(
    title="Replication and persistence",
    panels=(
        Panel(
            slug="replication",
            title="Replicas",
            description="Whether each replica is connected to its primary.",
            view=View.STATES,
            signals=(cache.REPLICAS_LINKED,),
            states=states(bad="no link", good="linked"),
            width=12,
        ),
        Panel(
            slug="connected-replicas",
            title="Connected replicas",
            description="Replicas that are connected to each server. A fall means that a replica was lost.",
            view=View.TREND,
            signals=(cache.REPLICAS_CONNECTED,),
            width=12,
        ),
        Panel(
            slug="persistence",
            title="Writing to disk",
            description="Whether the last RDB snapshot and the last write to the AOF succeeded.",
            view=View.STATES,
            signals=cache.PERSISTENCE,
            states=states(bad="failed", good="written"),
            width=12,
        ),
        Panel(
            slug="snapshot-age",
            title="Age of the last snapshot",
            description="Time since the last RDB snapshot. Servers with an append-only file need none.",
            view=View.TREND,
            signals=(cache.SNAPSHOT_AGE,),
            limits=above(warning=PartOf("redis_snapshot_age_seconds", HOUR)),
            width=12,
        ),
    ),
)

BOARD: Final = Board(
    uid="bais-cache",
    title="BAIS Cache",
    description="Availability, connections, memory, hit ratio and persistence of Redis.",
    topic="cache",
    areas=("cache",),
    variables=(Variable(name="cache", label="Cache", query="label_values(redis_up, instance)"),),
    rows=(_SERVERS, _MEMORY, _COMMANDS, _DURABILITY),
)
