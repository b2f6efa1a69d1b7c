"""What is left of the error budgets of payments and webhooks."""

from typing import Final

from dashboards.model import Panel, Row, View
from dashboards.signals import budgets

BUDGETS: Final = Row(
    title="Is the promise kept over 30 days?",
    panels=(
        Panel(
            slug="payment-error-budget",
            title="Left of the budget for payments",
            description="Share of the failed payments that the objective allows in 30 days and that are not spent yet.",
            view=View.TREND,
            signals=(budgets.remaining("payments", "{{namespace}}/{{service}}"),),
            limits=budgets.LEFT_LIMITS,
            lowest=None,
            width=6,
        ),
        Panel(
            slug="webhook-error-budget",
            title="Left of the budget for webhooks",
            description="Share of the undelivered events that the objective allows in 30 days, not spent yet.",
            view=View.TREND,
            signals=(budgets.remaining("webhooks", "{{namespace}}/{{service}}"),),
            limits=budgets.LEFT_LIMITS,
            lowest=None,
            width=6,
        ),
        Panel(
            slug="budget-burn",
            title="How fast budgets burn",
            description="Times faster than allowed, over each window: at 1 a budget lasts its 30 days. Red pages.",
            view=View.TABLE,
            labels=("slo", "namespace", "service"),
            signals=budgets.burning(("payments", "webhooks"), "slo, namespace, service"),
            limits_by_signal=budgets.burning_limits(),
            decimals=1,
            width=12,
        ),
    ),
)
