"""The work: statements, transactions and what they wait for."""

from typing import Final

from dashboards.model import Panel, Row, View, above, below
from dashboards.signals import statements

STATEMENTS: Final = Row(
    title="Which statements cost time?",
    panels=(
        Panel(
            slug="statement-time",
            title="Mean time of statements",
            description="How long a statement takes on average, by database.",
            view=View.TREND,
            signals=(statements.MEAN_TIME,),
            limits=above(warning="postgres_statement_slow_seconds"),
        ),
        Panel(
            slug="statements-busiest",
            title="Busiest statements, top 10",
            description="Statements that run at any moment on average, by number in pg_stat_statements.",
            view=View.TREND,
            signals=(statements.BUSIEST,),
            stacked=True,
        ),
        Panel(
            slug="cache-hit-ratio",
            title="Blocks found in memory",
            description="Share of the blocks of the last 15 minutes that did not have to be read from disk.",
            view=View.TREND,
            signals=(statements.CACHE_HITS,),
            limits=below(warning="postgres_cache_hit_ratio"),
            highest=1,
        ),
        Panel(
            slug="statements-costliest",
            title="Statements that cost most, top 10",
            description="By number in pg_stat_statements: the time they took in the chosen time, and each call.",
            view=View.TABLE,
            labels=("instance", "datname", "queryid"),
            signals=statements.COSTLIEST,
            limits_by_signal=(None, None, above(warning="postgres_statement_slow_seconds")),
            width=24,
        ),
    ),
)

TRANSACTIONS: Final = Row(
    title="Do transactions get through?",
    panels=(
        Panel(
            slug="transaction-rate",
            title="Transaction rate",
            description="Transactions per second that ended, by database.",
            view=View.TREND,
            signals=(statements.TRANSACTIONS,),
        ),
        Panel(
            slug="transactions",
            title="Transactions rolled back",
            description="Share of the transactions whose changes were undone.",
            view=View.TREND,
            signals=(statements.ROLLBACKS,),
            limits=above(warning="postgres_rollback_ratio"),
        ),
        Panel(
            slug="deadlocks",
            title="Deadlocks",
            description="Transactions of the last 10 minutes that blocked each other for good, by database.",
            view=View.TREND,
            signals=(statements.DEADLOCKS,),
            limits=above(warning="postgres_deadlocks_count"),
        ),
        Panel(
            slug="transaction-age",
            title="Longest running transaction",
            description="How long a client's statement has been running in its transaction, by database and user.",
            view=View.TREND,
            signals=(statements.RUNNING_TRANSACTIONS,),
            limits=above(warning="postgres_transaction_long_seconds"),
        ),
        Panel(
            slug="idle-in-transaction",
            title="Longest idle transaction",
            description="How long a transaction has been open although its client does nothing, by database and user.",
            view=View.TREND,
            signals=(statements.IDLE_TRANSACTIONS,),
            limits=above(warning="postgres_idle_in_transaction_seconds"),
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
