"""Payments, and the webhooks that tell customers' systems of them."""

from typing import Final

from dashboards.model import Panel, Row, View, above, below
from dashboards.signals import payments

PAYMENTS: Final = Row(
    title="Can customers pay?",
    panels=(
        Panel(
            slug="payment-failure-rate",
            title="Failed payments",
            description="Share of the payments of the last 15 minutes that failed, by our own or a provider's problem.",
            view=View.TREND,
            signals=(payments.FAILURES,),
            limits=above(critical="payment_failure_ratio"),
        ),
        Panel(
            slug="payment-failures-by-provider",
            title="Failed payments by provider",
            description="Share of a provider's payments of the last 15 minutes that failed.",
            view=View.TREND,
            signals=(payments.FAILURES_BY_PROVIDER,),
            limits=above(warning="payment_provider_failure_ratio"),
        ),
        Panel(
            slug="payment-failure-reasons",
            title="Reasons of failures",
            description="Failed payments per second by what made them fail.",
            view=View.TREND,
            signals=(payments.FAILURE_REASONS,),
            stacked=True,
        ),
        Panel(
            slug="payment-declines",
            title="Declined payments",
            description="Share of the payments of 15 minutes that bank or fraud check declined, and a week ago.",
            view=View.TREND,
            signals=payments.DECLINES,
            limits=above(warning="payment_decline_ratio"),
        ),
        Panel(
            slug="payment-latency",
            title="Duration of payments, 95th percentile",
            description="From accepting a payment to its end, by provider.",
            view=View.TREND,
            signals=(payments.LATENCY,),
            limits=above(warning="payment_latency_seconds"),
        ),
        Panel(
            slug="oldest-pending-payment",
            title="Oldest open payment",
            description="How long ago the oldest payment that has not ended was accepted.",
            view=View.TREND,
            signals=(payments.OLDEST_PENDING,),
            limits=above(critical="payment_pending_seconds"),
        ),
        Panel(
            slug="payment-providers",
            title="Providers",
            description="What became of each provider's payments of the last 15 minutes, and how long they took.",
            view=View.TABLE,
            labels=("provider",),
            signals=payments.PROVIDERS,
            limits_by_signal=(
                above(warning="payment_provider_failure_ratio"),
                None,
                above(warning="payment_latency_seconds"),
                None,
            ),
            width=24,
            height=6,
        ),
    ),
)

VOLUME: Final = Row(
    title="How much is paid?",
    panels=(
        Panel(
            slug="payments-by-outcome",
            title="Payments by outcome",
            description="Payments per second. The bank declines; a failure is ours or the provider's.",
            view=View.TREND,
            signals=(payments.OUTCOMES,),
            stacked=True,
            width=6,
        ),
        Panel(
            slug="payment-volume",
            title="Payments in 15 minutes",
            description="Payments that ended, whatever the end was, and those of the same time a week ago.",
            view=View.TREND,
            signals=payments.VOLUME,
            limits=above(warning="payment_spike_count"),
            width=6,
        ),
        Panel(
            slug="payment-volume-against-last-week",
            title="Payments against last week",
            description="Payments as a share of those of the same time a week ago.",
            view=View.TREND,
            signals=(payments.VOLUME_AGAINST_LAST_WEEK,),
            limits=below(warning="payment_volume_drop_ratio"),
            width=6,
        ),
        Panel(
            slug="payment-amount",
            title="Amount in an hour",
            description="Amount of the payments of the last hour that succeeded, in each currency's main unit.",
            view=View.TREND,
            signals=(payments.AMOUNT,),
            width=6,
        ),
    ),
)

WEBHOOKS: Final = Row(
    title="Do customers' systems hear of it?",
    panels=(
        Panel(
            slug="webhook-failures",
            title="Webhooks not delivered",
            description="Share of the attempts of the last 15 minutes that failed.",
            view=View.TREND,
            signals=(payments.WEBHOOK_FAILURES,),
            limits=above(warning="webhook_failure_ratio"),
            width=6,
        ),
        Panel(
            slug="webhook-backlog",
            title="Oldest undelivered event",
            description="How long the oldest event that is neither delivered nor given up has waited.",
            view=View.TREND,
            signals=(payments.OLDEST_WEBHOOK,),
            limits=above(critical="webhook_pending_seconds"),
            width=6,
        ),
        Panel(
            slug="webhooks-abandoned",
            title="Webhooks given up",
            description="Events of the last hour that their receivers will not learn of by themselves.",
            view=View.TREND,
            signals=(payments.WEBHOOKS_ABANDONED,),
            limits=above(warning="webhook_abandoned_count"),
            width=6,
        ),
        Panel(
            slug="webhook-outcomes",
            title="Webhooks by result",
            description="Attempts to deliver per second. A failed one is repeated.",
            view=View.TREND,
            signals=(payments.WEBHOOKS,),
            stacked=True,
            width=6,
        ),
    ),
)
