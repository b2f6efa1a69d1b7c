"""Database dashboard: connections, statements, replication and storage of PostgreSQL."""

from typing import Final

from dashboards.boards.database.servers import CONNECTIONS, REPLICATION, UPKEEP
from dashboards.boards.database.statements import STATEMENTS, TRANSACTIONS
from dashboards.model import Board, Variable

BOARD: Final = Board(
    uid="bais-database",
    title="BAIS Database",
    description="Availability, connections, statements, replication and storage of PostgreSQL.",
    topic="database",
    areas=("database",),
    variables=(
        Variable(name="database", label="Database", query="label_values(pg_up, instance)"),
        Variable(name="namespace", label="Namespace", query="label_values(bais_db_pool_connections_max, namespace)"),
    ),
    rows=(CONNECTIONS, STATEMENTS, TRANSACTIONS, REPLICATION, UPKEEP),
    rollouts=True,
)
