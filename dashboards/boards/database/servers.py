"""The servers: who is connected, who follows, what is left to clean up."""

from typing import Final

from dashboards.model import ANY, Panel, Row, View, above, states
from dashboards.signals import database

CONNECTIONS: Final = Row(
    title="Can clients connect?",
    panels=(
        Panel(
            slug="postgres-up",
            title="Servers",
            description="Whether the exporter can log in to each server.",
            view=View.STATES,
            signals=(database.UP,),
            states=states(bad="down", good="up"),
        ),
        Panel(
            slug="connections",
            title="Connections in use",
            description="Share of the connections that a server has for ordinary users.",
            view=View.TREND,
            signals=(database.CONNECTIONS,),
            limits=above(warning="postgres_connections_warning_ratio", critical="postgres_connections_critical_ratio"),
            highest=1,
        ),
        Panel(
            slug="connections-by-state",
            title="Connections by state",
            description="What the connections do, all chosen servers together. Idle ones are held by a pool.",
            view=View.TREND,
            signals=(database.CONNECTIONS_BY_STATE,),
            stacked=True,
        ),
        Panel(
            slug="connection-pool",
            title="Pools in use",
            description="Share of the connections that a service may open, and that each of its fullest replicas may.",
            view=View.TREND,
            signals=(database.POOLS, database.POOLS_BY_POD),
            limits=above(warning="database_pool_warning_ratio", critical="database_pool_exhausted_ratio"),
            highest=1,
            width=12,
        ),
        Panel(
            slug="connection-pool-by-state",
            title="Connections of pools by state",
            description="Connections in use and idle, and the requests that wait for one.",
            view=View.TREND,
            signals=(database.POOLS_BY_STATE,),
            width=12,
        ),
    ),
)

REPLICATION: Final = Row(
    title="Replication and archive",
    panels=(
        Panel(
            slug="replication-lag",
            title="Replication lag",
            description="How far each replica is behind its primary.",
            view=View.TREND,
            signals=(database.REPLICATION_LAG,),
            limits=above(warning="postgres_replication_lag_seconds"),
            width=6,
        ),
        Panel(
            slug="replication-slots",
            title="Replication slots",
            description="Whether somebody reads from each slot. The server keeps its log for those who do not.",
            view=View.STATES,
            signals=(database.SLOTS_READ,),
            states=states(bad="nobody reads", good="read"),
            width=6,
        ),
        Panel(
            slug="replication-slots-behind",
            title="Log kept for slots",
            description="Write-ahead log that the server keeps because a slot's reader has not got it yet.",
            view=View.TREND,
            signals=(database.SLOTS_BEHIND,),
            width=6,
        ),
        Panel(
            slug="wal-archiving",
            title="Failures of the archive",
            description="Segments of the write-ahead log that could not be archived in the last 15 minutes.",
            view=View.TREND,
            signals=(database.ARCHIVING_FAILURES,),
            limits=above(critical=ANY),
            width=6,
        ),
    ),
)

UPKEEP: Final = Row(
    title="Is there room?",
    panels=(
        Panel(
            slug="database-size",
            title="Size of databases",
            description="Space on disk, indexes included.",
            view=View.TREND,
            signals=(database.SIZE,),
        ),
        Panel(
            slug="transaction-id-age",
            title="Age of unfrozen rows",
            description="Age of the oldest, in transactions. At 2.1 billion the server accepts no more writes.",
            view=View.TREND,
            signals=(database.UNFROZEN_AGE,),
            limits=above(
                warning="postgres_transaction_age_warning_count", critical="postgres_transaction_age_critical_count"
            ),
        ),
        Panel(
            slug="exporter-collectors",
            title="Collectors of the exporter",
            description="Whether each reads what it should. Figures of one that does not are missing on this board.",
            view=View.STATES,
            signals=(database.COLLECTORS,),
            states=states(bad="failing", good="working"),
        ),
    ),
)
