"""Payments, webhooks and user activity. A declined payment is neither a success nor a failure."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import RATE_WINDOW, Signal
from dashboards.units import MINUTE, PER_HOUR, PER_MINUTE

_NAMESPACE: Final = 'namespace=~"$namespace"'

PAYMENT_SUCCESS: Final = Signal(
    name="success",
    unit=units.PercentUnit,
    expression=(
        f'1 - (\n  sum(increase(bais_payments_total{{{_NAMESPACE}, status="failure"}}[15m]))\n'
        f"  or 0 * sum(increase(bais_payments_total{{{_NAMESPACE}}}[15m]))\n)\n"
        f"/ (sum(increase(bais_payments_total{{{_NAMESPACE}}}[15m])) > 0)"
    ),
)
PAYMENT_FAILURES: Final = Signal(
    name="failed",
    unit=units.PercentUnit,
    expression=(
        f'sum(increase(bais_payments_total{{{_NAMESPACE}, status="failure"}}[15m]))\n'
        f"/ (sum(increase(bais_payments_total{{{_NAMESPACE}}}[15m])) > 0)"
    ),
)
PAYMENTS_BY_OUTCOME: Final = Signal(
    name="{{status}}",
    unit=PER_MINUTE,
    expression=f"{MINUTE} * sum by (status) (rate(bais_payments_total{{{_NAMESPACE}}}{RATE_WINDOW}))",
)
PAYMENT_LATENCY: Final = Signal(
    name="{{provider}}",
    unit=units.Seconds,
    expression=(
        "histogram_quantile(0.95, sum by (provider, le) (\n"
        f"  rate(bais_payment_duration_seconds_bucket{{{_NAMESPACE}}}[15m])\n))"
    ),
)
WEBHOOK_FAILURES: Final = Signal(
    name="failed",
    unit=units.PercentUnit,
    expression=(
        f'sum(increase(bais_webhook_deliveries_total{{{_NAMESPACE}, result=~"failed|abandoned"}}[15m]))\n'
        f"/ (sum(increase(bais_webhook_deliveries_total{{{_NAMESPACE}}}[15m])) > 0)"
    ),
)
# Every process reports the same number.
ACTIVE_SESSIONS: Final = Signal(
    name="{{client}}",
    unit=units.Short,
    expression=f"max by (client) (bais_active_sessions{{{_NAMESPACE}}})",
)
ALL_ACTIVE_SESSIONS: Final = Signal(
    name="sessions",
    unit=units.Short,
    expression=f"sum(max by (client) (bais_active_sessions{{{_NAMESPACE}}}))",
)
REGISTRATIONS: Final = Signal(
    name="{{channel}}",
    unit=PER_HOUR,
    expression=f"sum by (channel) (increase(bais_user_registrations_total{{{_NAMESPACE}}}[1h]))",
)
