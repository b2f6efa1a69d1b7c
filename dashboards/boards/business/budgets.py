"""Row of the remaining error budgets of payments and webhooks."""

from typing import Final

from dashboards.model import Panel, Row, View
from dashboards.signals import budgets

BUDGETS: Final = Row(
    title="30-day objectives",
    collapsed=True,
    panels=(
        Panel(
            slug="payment-error-budget",
            title="Payment error budget left",
            description="Share of the 30-day budget of failed payments that is left. Below 0 it is overspent.",
            view=View.TREND,
            signals=(budgets.remaining("payments", "{{namespace}}/{{service}}"),),
            limits=budgets.REMAINING_LIMITS,
            lowest=None,
            width=6,
            highest=1,
        ),
        Panel(
            slug="webhook-error-budget",
            title="Webhook error budget left",
            description="Share of the 30-day budget of undelivered events that is left. Below 0 it is overspent.",
            view=View.TREND,
            signals=(budgets.remaining("webhooks", "{{namespace}}/{{service}}"),),
            limits=budgets.REMAINING_LIMITS,
            lowest=None,
            width=6,
            highest=1,
        ),
        Panel(
            slug="budget-burn",
            title="Error budget burn rate",
            description="Burn rate over each window. At 1 a budget lasts exactly 30 days. Red pages the on-call.",
            view=View.TABLE,
            labels=("slo", "namespace", "service"),
            signals=budgets.burn_rates(("payments", "webhooks"), "slo, namespace, service"),
            limits_by_signal=budgets.burn_rate_limits(),
            decimals=1,
            width=12,
        ),
    ),
)
