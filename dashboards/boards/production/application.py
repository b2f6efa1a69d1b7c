"""What customers and users notice."""

from typing import Final

from dashboards.model import Panel, Row, View, above
from dashboards.signals import api, business, prometheus

NOW: Final = Row(
    title="Now",
    panels=(
        Panel(
            slug="firing-alerts",
            title="Firing alerts",
            description="Alerts of severity critical or warning that fire now, all areas.",
            view=View.VALUE,
            signals=(prometheus.FIRING_ALERTS,),
            limits=above(warning=1),
            width=4,
            height=5,
        ),
        Panel(
            slug="p95-now",
            title="95th percentile",
            description="19 of 20 requests are answered at least as fast.",
            view=View.VALUE,
            signals=(api.P95,),
            limits=above(warning="api_latency_p95_seconds"),
            opens="bais-api",
            width=4,
            height=5,
        ),
        Panel(
            slug="error-rate-now",
            title="Error rate",
            description="Share of the requests that failed through our own fault, status 5xx.",
            view=View.VALUE,
            signals=(api.ERROR_RATIO,),
            limits=above(critical="api_error_ratio"),
            decimals=2,
            opens="bais-api",
            width=4,
            height=5,
        ),
        Panel(
            slug="payment-success-now",
            title="Payment success",
            description="Share of the payments of the last 15 minutes that succeeded, apart from declined ones.",
            view=View.VALUE,
            signals=(business.PAYMENT_SUCCESS,),
            decimals=1,
            width=4,
            height=5,
        ),
        Panel(
            slug="active-sessions-now",
            title="Active sessions",
            description="Signed-in sessions used in the last 15 minutes.",
            view=View.VALUE,
            signals=(business.ALL_ACTIVE_SESSIONS,),
            width=4,
            height=5,
        ),
        Panel(
            slug="requests-in-flight",
            title="Requests in flight",
            description="Requests being worked on, all processes together.",
            view=View.VALUE,
            signals=(api.IN_FLIGHT,),
            opens="bais-api",
            width=4,
            height=5,
        ),
    ),
)

API: Final = Row(
    title="Real-time API",
    panels=(
        Panel(
            slug="request-rate",
            title="Request rate by status code",
            description="Requests per second.",
            view=View.TREND,
            signals=(api.REQUESTS_BY_STATUS,),
            stacked=True,
            opens="bais-api",
        ),
        Panel(
            slug="response-time",
            title="Response time",
            description="How long requests take: half of them, 19 of 20, 99 of 100.",
            view=View.TREND,
            signals=(api.P50, api.P95, api.P99),
            limits=above(warning="api_latency_p95_seconds"),
            opens="bais-api",
        ),
        Panel(
            slug="error-rate",
            title="Error rate over time",
            description="Share of the requests that failed through our own fault, status 5xx.",
            view=View.TREND,
            signals=(api.ERROR_RATIO,),
            limits=above(critical="api_error_ratio"),
            opens="bais-api",
            width=4,
        ),
        Panel(
            slug="queue-age",
            title="Oldest job",
            description="How long the oldest job of each queue has waited.",
            view=View.TREND,
            signals=(api.QUEUE_AGE,),
            limits=above(warning="worker_queue_age_seconds"),
            opens="bais-api",
            width=4,
        ),
    ),
)

BUSINESS: Final = Row(
    title="Business",
    panels=(
        Panel(
            slug="payments-by-outcome",
            title="Payments by outcome",
            description="Payments per second. The bank declines; a failure is ours or the provider's.",
            view=View.TREND,
            signals=(business.PAYMENTS_BY_OUTCOME,),
            stacked=True,
        ),
        Panel(
            slug="payment-failures",
            title="Failed payments",
            description="Share of the payments of the last 15 minutes that failed.",
            view=View.TREND,
            signals=(business.PAYMENT_FAILURES,),
            limits=above(critical="payment_failure_ratio"),
        ),
        Panel(
            slug="payment-latency",
            title="Duration of payments, 95th percentile",
            description="From accepting a payment to its end, by provider.",
            view=View.TREND,
            signals=(business.PAYMENT_LATENCY,),
            limits=above(warning="payment_latency_seconds"),
        ),
        Panel(
            slug="webhook-failures",
            title="Webhooks not delivered",
            description="Share of the attempts of the last 15 minutes that failed.",
            view=View.TREND,
            signals=(business.WEBHOOK_FAILURES,),
            limits=above(warning="webhook_failure_ratio"),
        ),
        Panel(
            slug="active-sessions",
            title="Active sessions by client",
            description="Signed-in sessions used in the last 15 minutes.",
            view=View.TREND,
            signals=(business.ACTIVE_SESSIONS,),
            stacked=True,
        ),
        Panel(
            slug="registrations",
            title="Registrations",
            description="Accounts created and confirmed in the last hour, by channel.",
            view=View.TREND,
            signals=(business.REGISTRATIONS,),
            stacked=True,
        ),
    ),
)
