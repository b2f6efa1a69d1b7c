"""Rows of connections, replication and storage."""

from typing import Final

from dashboards.model import ANY_INCREASE, Panel, Row, View, above, states
from dashboards.signals import database

CONNECTIONS: Final = Row(
    title="Connections",
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
            description="Share of the connections available to ordinary users that are in use.",
            view=View.TREND,
            signals=(database.CONNECTIONS,),
            limits=above(warning="postgres_connections_warning_ratio", critical="postgres_connections_critical_ratio"),
            highest=1,
        ),
        Panel(
            slug="connections-by-state",
            title="Connections by state",
            description="Connections by state, sum of all selected servers. Pools usually hold the idle ones.",
            view=View.TREND,
            signals=(database.CONNECTIONS_BY_STATE,),
            stacked=True,
        ),
        Panel(
            slug="connection-pool",
            title="Pool connections in use",
            description="Share of the pool's limit in use, by service and for the replicas with the fullest pools.",
            view=View.TREND,
            signals=(database.POOLS, database.POOLS_BY_POD),
            limits=above(warning="database_pool_warning_ratio"),
            highest=1,
        ),
        Panel(
            slug="connection-pool-waiters",
            title="Requests waiting for a connection",
            description="Requests that wait for a pool's connection, for the ten replicas with the most.",
            view=View.TREND,
            signals=(database.POOL_WAITERS,),
            limits=above(critical="database_pool_waiters_count"),
        ),
        Panel(
            slug="connection-pool-by-state",
            title="Pool connections by state",
            description="Connections in use, idle connections, and requests waiting for a connection.",
            view=View.TREND,
            signals=(database.POOLS_BY_STATE,),
        ),
    ),
)

REPLICATION: Final = Row(
    title="Replication and archive",
    collapsed=True,
    panels=(
        Panel(
            slug="replication-lag",
            title="Replication lag",
            description="Delay of each replica behind its primary.",
            view=View.TREND,
            signals=(database.REPLICATION_LAG,),
            limits=above(warning="postgres_replication_lag_seconds"),
        ),
        Panel(
            slug="replicas-connected",
            title="Connected replicas",
            description="Replicas that stream from each server. A fall means that a replica lost its primary.",
            view=View.TREND,
            signals=(database.REPLICAS_CONNECTED,),
        ),
        Panel(
            slug="wal-archiving",
            title="WAL archiving failures",
            description="WAL segments that could not be archived in the last 15 minutes.",
            view=View.TREND,
            signals=(database.ARCHIVING_FAILURES,),
            limits=above(critical=ANY_INCREASE),
        ),
        Panel(
            slug="replication-slots",
            title="Replication slots",
            description="Whether each slot has an active consumer. The server retains WAL for inactive slots.",
            view=View.STATES,
            signals=(database.SLOTS_READ,),
            states=states(bad="inactive", good="active"),
            width=12,
        ),
        Panel(
            slug="replication-slots-behind",
            title="WAL retained for slots",
            description="Write-ahead log that the server retains because a slot's consumer has not received it yet.",
            view=View.TREND,
            signals=(database.SLOTS_BEHIND,),
            limits=above(warning="postgres_slot_wal_bytes"),
            width=12,
        ),
    ),
)

UPKEEP: Final = Row(
    title="Storage and maintenance",
    collapsed=True,
    panels=(
        Panel(
            slug="database-size",
            title="Database size",
            description="Disk space of each database, including indexes.",
            view=View.TREND,
            signals=(database.SIZE,),
            width=12,
        ),
        Panel(
            slug="transaction-id-age",
            title="Transaction ID age",
            description="Age of the oldest unfrozen row, in transactions. At 2.1 billion the server refuses writes.",
            view=View.TREND,
            signals=(database.UNFROZEN_AGE,),
            limits=above(
                warning="postgres_transaction_age_warning_count", critical="postgres_transaction_age_critical_count"
            ),
            width=12,
        ),
        Panel(
            slug="multixact-age",
            title="Multixact age",
            description="Age of the oldest multixact. At 2.1 billion the server refuses to lock rows.",
            view=View.TREND,
            signals=(database.MULTIXACT_AGE,),
            limits=above(
                warning="postgres_multixact_age_warning_count", critical="postgres_multixact_age_critical_count"
            ),
            width=12,
        ),
        Panel(
            slug="exporter-collectors",
            title="Exporter collectors",
            description="Whether each collector succeeds. Metrics of a failing collector are missing here.",
            view=View.STATES,
            signals=(database.COLLECTORS,),
            states=states(bad="failing", good="working"),
            width=12,
        ),
    ),
)
