"""What the application stands on."""

from typing import Final

from dashboards.model import Panel, Row, View, above, below, states
from dashboards.signals import cache, containers, database, endpoints, nodes, security, statements

INFRASTRUCTURE: Final = Row(
    title="Infrastructure",
    panels=(
        Panel(
            slug="memory",
            title="Memory against the limit, top 10",
            description="Memory in use against the limit of the container. At 100 % it is killed.",
            view=View.TREND,
            signals=(containers.MEMORY_USE,),
            limits=above(warning="container_memory_ratio"),
            highest=1,
            opens="bais-infrastructure",
        ),
        Panel(
            slug="node-cpu",
            title="Processor use of nodes",
            description="Share of the time in which a node's processors work.",
            view=View.TREND,
            signals=(nodes.CPU_USE,),
            limits=above(warning="node_cpu_ratio"),
            highest=1,
            opens="bais-infrastructure",
        ),
        Panel(
            slug="node-memory",
            title="Memory use of nodes",
            description="Share of a node's memory that is not available to a new process.",
            view=View.TREND,
            signals=(nodes.MEMORY_USE,),
            limits=above(warning="node_memory_ratio"),
            highest=1,
            opens="bais-infrastructure",
            width=4,
        ),
        Panel(
            slug="endpoints",
            title="Addresses",
            description="Whether a probed address answers as it should.",
            view=View.STATES,
            signals=(endpoints.SUCCESS,),
            states=states(bad="down", good="up"),
            opens="bais-infrastructure",
            width=4,
        ),
    ),
)

SECURITY: Final = Row(
    title="Security",
    panels=(
        Panel(
            slug="security-events",
            title="Security events by type",
            description="What the application's own detection found suspicious, per second.",
            view=View.TREND,
            signals=(security.EVENTS,),
            stacked=True,
            width=6,
        ),
        Panel(
            slug="failed-sign-ins",
            title="Failed sign-ins by reason",
            description="Sign-ins per second that did not succeed.",
            view=View.TREND,
            signals=(security.FAILED_SIGN_INS,),
            stacked=True,
            width=6,
        ),
        Panel(
            slug="denied-requests",
            title="Denied requests",
            description="Requests per second of callers who are unknown or may not do that.",
            view=View.TREND,
            signals=(security.DENIED_REQUESTS,),
            stacked=True,
            width=6,
        ),
        Panel(
            slug="rate-limited-requests",
            title="Requests over a limit",
            description="Requests per second that were refused, by the limit that refused them.",
            view=View.TREND,
            signals=(security.LIMITED_REQUESTS,),
            stacked=True,
            width=6,
        ),
    ),
)

DATABASE: Final = Row(
    title="Database",
    panels=(
        Panel(
            slug="database-connections",
            title="Connections in use",
            description="Share of the connections that a server allows.",
            view=View.TREND,
            signals=(database.CONNECTIONS,),
            limits=above(warning="postgres_connections_warning_ratio", critical="postgres_connections_critical_ratio"),
            highest=1,
            opens="bais-database",
            width=6,
        ),
        Panel(
            slug="database-pools",
            title="Pools in use",
            description="Share of the connections that the application may open.",
            view=View.TREND,
            signals=(database.POOLS,),
            limits=above(warning="database_pool_warning_ratio", critical="database_pool_exhausted_ratio"),
            highest=1,
            opens="bais-database",
            width=6,
        ),
        Panel(
            slug="statement-time",
            title="Mean time of statements",
            description="How long a statement takes on average, by database.",
            view=View.TREND,
            signals=(statements.MEAN_TIME,),
            limits=above(warning="postgres_statement_slow_seconds"),
            opens="bais-database",
            width=6,
        ),
        Panel(
            slug="replication-lag",
            title="Replication lag",
            description="How far each replica is behind.",
            view=View.TREND,
            signals=(database.REPLICATION_LAG,),
            limits=above(warning="postgres_replication_lag_seconds"),
            opens="bais-database",
            width=6,
        ),
    ),
)

CACHE: Final = Row(
    title="Cache",
    panels=(
        Panel(
            slug="cache-memory",
            title="Memory in use",
            description="Share of the memory that the cache may use. Beyond it keys are evicted.",
            view=View.TREND,
            signals=(cache.MEMORY_USE,),
            limits=above(warning="redis_memory_ratio"),
            highest=1,
            opens="bais-cache",
            width=6,
        ),
        Panel(
            slug="cache-hits",
            title="Hit ratio",
            description="Share of the look-ups of the last 15 minutes that found something.",
            view=View.TREND,
            signals=(cache.HIT_RATIO,),
            limits=below(warning="redis_hit_ratio"),
            highest=1,
            opens="bais-cache",
            width=6,
        ),
        Panel(
            slug="cache-evictions",
            title="Evictions",
            description="Keys per second that had to make room.",
            view=View.TREND,
            signals=(cache.EVICTIONS,),
            limits=above(warning="redis_evictions_rate"),
            opens="bais-cache",
            width=6,
        ),
        Panel(
            slug="cache-command-time",
            title="Mean time of commands",
            description="How long a command takes on average.",
            view=View.TREND,
            signals=(cache.COMMAND_TIME,),
            limits=above(warning="redis_command_slow_seconds"),
            opens="bais-cache",
            width=6,
        ),
    ),
)
