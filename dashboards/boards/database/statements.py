"""Rows of statements and transactions."""

from typing import Final

from dashboards.model import Panel, PartOf, Row, View, above, below
from dashboards.signals import statements
from dashboards.units import MINUTE

STATEMENTS: Final = Row(
    title="Statements",
    panels=(
        Panel(
            slug="statement-time",
            title="Mean statement time",
            description="Mean execution time of statements, by database.",
            view=View.TREND,
            signals=(statements.MEAN_TIME,),
            limits=above(warning="postgres_statement_slow_seconds"),
            width=6,
        ),
        Panel(
            slug="statements-slowest",
            title="Slowest frequent statements, top 10",
            description="Mean time of statements that run at least once in ten seconds, by queryid.",
            view=View.TREND,
            signals=(statements.SLOWEST,),
            limits=above(warning="postgres_single_statement_slow_seconds"),
            width=6,
        ),
        Panel(
            slug="statements-busiest",
            title="Busiest statements, top 10",
            description="Average number of concurrently running statements, by queryid in pg_stat_statements.",
            view=View.TREND,
            signals=(statements.BUSIEST,),
            stacked=True,
            width=6,
        ),
        Panel(
            slug="cache-hit-ratio",
            title="Buffer cache hit ratio",
            description="Share of blocks in the last 15 minutes that were not read from disk.",
            view=View.TREND,
            signals=(statements.CACHE_HITS,),
            limits=below(warning="postgres_cache_hit_ratio"),
            highest=1,
            width=6,
        ),
        Panel(
            slug="statements-costliest",
            title="Most expensive statements, top 10",
            description="Total time, calls and mean time in the selected time range, by queryid in pg_stat_statements.",
            view=View.TABLE,
            labels=("instance", "datname", "queryid"),
            signals=statements.COSTLIEST,
            limits_by_signal=(None, None, above(warning="postgres_statement_slow_seconds")),
            width=24,
        ),
    ),
)

TRANSACTIONS: Final = Row(
    title="Transactions",
    panels=(
        Panel(
            slug="transaction-rate",
            title="Transaction rate",
            description="Completed transactions per second, by database.",
            view=View.TREND,
            signals=(statements.TRANSACTIONS,),
        ),
        Panel(
            slug="transactions",
            title="Transactions rolled back",
            description="Share of transactions that were rolled back.",
            view=View.TREND,
            signals=(statements.ROLLBACKS,),
            limits=above(warning="postgres_rollback_ratio"),
        ),
        Panel(
            slug="deadlocks",
            title="Deadlocks",
            description="Deadlocks in the last 10 minutes, by database.",
            view=View.TREND,
            signals=(statements.DEADLOCKS,),
            limits=above(warning="postgres_deadlocks_count"),
        ),
        Panel(
            slug="transaction-age",
            title="Longest running transactions, top 10",
            description="Age of the oldest transaction with a running statement, by database and user.",
            view=View.TREND,
            signals=(statements.RUNNING_TRANSACTIONS,),
            limits=above(warning=PartOf("postgres_transaction_long_seconds", MINUTE)),
        ),
        Panel(
            slug="idle-in-transaction",
            title="Longest idle transactions, top 10",
            description="Age of the oldest transaction whose client is idle, by database and user.",
            view=View.TREND,
            signals=(statements.IDLE_TRANSACTIONS,),
            limits=above(warning=PartOf("postgres_idle_in_transaction_seconds", MINUTE)),
        ),
        Panel(
            slug="locks",
            title="Locks",
            description="Share of the lock table in use. When it is full, statements fail.",
            view=View.TREND,
            signals=(statements.LOCKS,),
            limits=above(warning="postgres_locks_ratio"),
            highest=1,
        ),
    ),
)
