"""Rows of payments and webhook delivery."""

from typing import Final

from dashboards.model import Panel, PartOf, Row, View, above, below
from dashboards.signals import payments
from dashboards.units import MINUTE

PAYMENTS: Final = Row(
    title="Payment failures and latency",
    panels=(
        Panel(
            slug="payment-failure-rate",
            title="Failed payments",
            description="Share of payments in the last 15 minutes that failed through our or a provider's error.",
            view=View.TREND,
            signals=(payments.FAILURES,),
            limits=above(critical="payment_failure_ratio"),
        ),
        Panel(
            slug="payment-failures-by-provider",
            title="Failed payments by provider",
            description="Share of each provider's payments in the last 15 minutes that failed.",
            view=View.TREND,
            signals=(payments.FAILURES_BY_PROVIDER,),
            limits=above(warning="payment_provider_failure_ratio"),
        ),
        Panel(
            slug="payment-failure-reasons",
            title="Failure reasons",
            description="Failed payments per minute, by reason.",
            view=View.TREND,
            signals=(payments.FAILURE_REASONS,),
            stacked=True,
        ),
        Panel(
            slug="payment-declines",
            title="Declined payments",
            description="Share of payments in 15 minutes declined by the bank or fraud check, now and usually.",
            view=View.TREND,
            signals=payments.DECLINES,
            limits=above(warning="payment_decline_ratio"),
        ),
        Panel(
            slug="payment-latency",
            title="Payment duration, 95th percentile",
            description="Time from accepting a payment to its final state, by provider.",
            view=View.TREND,
            signals=(payments.LATENCY,),
            limits=above(warning="payment_latency_seconds"),
        ),
        Panel(
            slug="oldest-pending-payment",
            title="Oldest open payment",
            description="Age of the oldest payment that has not reached a final state.",
            view=View.TREND,
            signals=(payments.OLDEST_PENDING,),
            limits=above(critical=PartOf("payment_pending_seconds", MINUTE)),
        ),
        Panel(
            slug="payment-providers",
            title="Payment providers",
            description="Outcome and duration of each provider's payments over the last 15 minutes.",
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
    title="Payment volume",
    panels=(
        Panel(
            slug="payments-by-outcome",
            title="Payments by outcome",
            description="Payments per minute. Declines come from the bank; failures are ours or the provider's.",
            view=View.TREND,
            signals=(payments.OUTCOMES,),
            stacked=True,
            width=6,
        ),
        Panel(
            slug="payment-volume",
            title="Payments in 15 minutes",
            description="Payments that reached a final state in 15 minutes, now and usually.",
            view=View.TREND,
            signals=payments.VOLUME,
            limits=above(warning="payment_spike_count"),
            width=6,
        ),
        Panel(
            slug="payment-volume-against-last-week",
            title="Against the usual level",
            description="Payments relative to the usual level at this time of the week.",
            view=View.TREND,
            signals=(payments.VOLUME_AGAINST_USUAL,),
            limits=below(warning="payment_volume_drop_ratio"),
            width=6,
        ),
        Panel(
            slug="payment-amount",
            title="Amount per hour",
            description="Total of successful payments in the last hour, in each currency's main unit.",
            view=View.TREND,
            signals=(payments.AMOUNT,),
            width=6,
        ),
    ),
)

WEBHOOKS: Final = Row(
    title="Webhook delivery",
    panels=(
        Panel(
            slug="webhook-failures",
            title="Failed webhook deliveries",
            description="Share of delivery attempts in the last 15 minutes that failed.",
            view=View.TREND,
            signals=(payments.WEBHOOK_FAILURES,),
            limits=above(warning="webhook_failure_ratio"),
            width=6,
        ),
        Panel(
            slug="webhook-backlog",
            title="Oldest undelivered event",
            description="Age of the oldest event that is still to be delivered.",
            view=View.TREND,
            signals=(payments.OLDEST_WEBHOOK,),
            limits=above(critical=PartOf("webhook_pending_seconds", MINUTE)),
            width=6,
        ),
        Panel(
            slug="webhooks-abandoned",
            title="Abandoned webhooks",
            description="Events in the last hour whose delivery was abandoned. They are not sent again automatically.",
            view=View.TREND,
            signals=(payments.WEBHOOKS_ABANDONED,),
            limits=above(warning="webhook_abandoned_count"),
            width=6,
        ),
        Panel(
            slug="webhook-outcomes",
            title="Webhooks by result",
            description="Delivery attempts per minute. Failed attempts are retried.",
            view=View.TREND,
            signals=(payments.WEBHOOKS,),
            stacked=True,
            width=6,
        ),
    ),
)

EACH_PROVIDER: Final = Row(
    title="Provider $provider",
    collapsed=True,
    repeat="provider",
    panels=(
        Panel(
            slug="each-provider-outcomes",
            title="Payments by outcome",
            description="Payments of this provider per minute.",
            view=View.TREND,
            signals=(payments.OUTCOMES,),
            stacked=True,
        ),
        Panel(
            slug="each-provider-failures",
            title="Failed payments",
            description="Share of this provider's payments in the last 15 minutes that failed.",
            view=View.TREND,
            signals=(payments.FAILURES_BY_PROVIDER,),
            limits=above(warning="payment_provider_failure_ratio"),
        ),
        Panel(
            slug="each-provider-latency",
            title="Payment duration, 95th percentile",
            description="Time from accepting a payment of this provider to its final state.",
            view=View.TREND,
            signals=(payments.LATENCY,),
            limits=above(warning="payment_latency_seconds"),
        ),
    ),
)
