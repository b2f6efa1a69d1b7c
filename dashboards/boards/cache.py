"""Whether Redis answers, has room, and answers from memory."""

from typing import Final

from dashboards.model import Board, Panel, Row, Variable, View, above, below, states
from dashboards.signals import cache

_SERVERS: Final = Row(
    title="Can clients connect?",
    panels=(
        Panel(
            slug="redis-up",
            title="Servers",
            description="Whether the exporter gets an answer from each server.",
            view=View.STATES,
            signals=(cache.UP,),
            states=states(bad="down", good="up"),
            width=6,
        ),
        Panel(
            slug="connections",
            title="Connections in use",
            description="Share of the clients that a server lets connect.",
            view=View.TREND,
            signals=(cache.CONNECTIONS,),
            limits=above(warning="redis_connections_ratio"),
            highest=1,
            width=6,
        ),
        Panel(
            slug="rejected-connections",
            title="Rejected connections",
            description="Connections of the last 5 minutes that were refused because there were too many.",
            view=View.TREND,
            signals=(cache.REJECTED_CONNECTIONS,),
            limits=above(critical="redis_rejected_connections_count"),
            width=6,
        ),
        Panel(
            slug="blocked-clients",
            title="Blocked clients",
            description="Clients that wait for something to be put into a list or a stream.",
            view=View.TREND,
            signals=(cache.BLOCKED_CLIENTS,),
            width=6,
        ),
    ),
)

_MEMORY: Final = Row(
    title="Is there room?",
    panels=(
        Panel(
            slug="memory",
            title="Memory in use",
            description="Share of the memory that the cache may use. Beyond it keys are evicted or writes refused.",
            view=View.TREND,
            signals=(cache.MEMORY_USE,),
            limits=above(warning="redis_memory_ratio"),
            highest=1,
            width=12,
        ),
        Panel(
            slug="evictions",
            title="Evictions",
            description="Keys per second that had to make room.",
            view=View.TREND,
            signals=(cache.EVICTIONS,),
            limits=above(warning="redis_evictions_rate"),
            width=12,
        ),
        Panel(
            slug="memory-bytes",
            title="Memory used and allowed",
            description="Memory of the stored data, and how much of it a server may have; no such line is no limit.",
            view=View.TREND,
            signals=cache.MEMORY,
            width=6,
        ),
        Panel(
            slug="keys",
            title="Stored keys",
            description="Keys of each database of a server that has any.",
            view=View.TREND,
            signals=(cache.KEYS,),
            width=6,
        ),
        Panel(
            slug="expired-keys",
            title="Expired keys",
            description="Keys per second whose time was over.",
            view=View.TREND,
            signals=(cache.EXPIRED,),
            width=6,
        ),
        Panel(
            slug="fragmentation",
            title="Fragmentation",
            description="Memory taken from the system for each byte used. Below 1 part of it is swapped out.",
            view=View.TREND,
            signals=(cache.FRAGMENTATION,),
            width=6,
        ),
    ),
)

_COMMANDS: Final = Row(
    title="Does it find things, and fast?",
    panels=(
        Panel(
            slug="hit-rate",
            title="Hit ratio",
            description="Share of the look-ups of the last 15 minutes that found something.",
            view=View.TREND,
            signals=(cache.HIT_RATIO,),
            limits=below(warning="redis_hit_ratio"),
            highest=1,
            width=12,
        ),
        Panel(
            slug="command-time",
            title="Mean time of commands",
            description="How long a command takes on average. A server does one at a time.",
            view=View.TREND,
            signals=(cache.COMMAND_TIME,),
            limits=above(warning="redis_command_slow_seconds"),
            width=12,
        ),
        Panel(
            slug="commands",
            title="Commands by name, top 10",
            description="Commands per second, all chosen servers together.",
            view=View.TREND,
            signals=(cache.COMMANDS,),
            stacked=True,
            width=12,
        ),
        Panel(
            slug="slowest-commands",
            title="Mean time by command, top 10",
            description="How long each kind of command takes on average.",
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
            description="Whether each replica has a link to its primary.",
            view=View.STATES,
            signals=(cache.REPLICAS_LINKED,),
            states=states(bad="no link", good="linked"),
            width=12,
        ),
        Panel(
            slug="persistence",
            title="Writing to disk",
            description="Whether the last snapshot and the last write of the log succeeded.",
            view=View.STATES,
            signals=cache.PERSISTENCE,
            states=states(bad="failed", good="written"),
            width=12,
        ),
    ),
)

BOARD: Final = Board(
    uid="bais-cache",
    title="BAIS Cache",
    description="Whether Redis answers, has room, and answers from memory.",
    topic="cache",
    areas=("cache",),
    variables=(Variable(name="cache", label="Cache", query="label_values(redis_up, instance)"),),
    rows=(_SERVERS, _MEMORY, _COMMANDS, _DURABILITY),
)
