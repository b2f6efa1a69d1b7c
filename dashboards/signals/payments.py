"""Payments and webhooks per service and provider, as the alerts evaluate them."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import RATE_WINDOW, Signal
from dashboards.signals import usual
from dashboards.units import MINUTE, MINUTES, PER_MINUTE

_NAMESPACE: Final = 'namespace=~"$namespace"'
_BY: Final = "by (namespace, service)"
_NAME: Final = "{{namespace}}/{{service}}"
_PROVIDER: Final = "by (namespace, service, provider)"
_ALL: Final = f"service:bais_payments:increase15m{{{_NAMESPACE}}}"
_FAILED: Final = f'service_status:bais_payments:increase15m{{{_NAMESPACE}, status="failure"}}'

# Without failures the failure series may be absent; `or 0 *` yields 0 as long as there are payments.
FAILURES: Final = Signal(
    name=_NAME,
    unit=units.PercentUnit,
    expression=f"(sum {_BY} ({_FAILED}) or 0 * sum {_BY} ({_ALL}))\n/ (sum {_BY} ({_ALL}) > 0)",
)
_OF_PROVIDER: Final = f'{_NAMESPACE}, provider=~"$provider"'
FAILURES_BY_PROVIDER: Final = Signal(
    name=f"{_NAME} {{{{provider}}}}",
    unit=units.PercentUnit,
    expression=(
        f'(\n  sum {_PROVIDER} (increase(bais_payments_total{{{_OF_PROVIDER}, status="failure"}}[15m]))\n'
        f"  or 0 * sum {_PROVIDER} (increase(bais_payments_total{{{_OF_PROVIDER}}}[15m]))\n)\n"
        f"/ (sum {_PROVIDER} (increase(bais_payments_total{{{_OF_PROVIDER}}}[15m])) > 0)"
    ),
)
FAILURE_REASONS: Final = Signal(
    name="{{reason}}",
    unit=PER_MINUTE,
    expression=(
        f'{MINUTE} * sum by (reason) (rate(bais_payments_total{{{_OF_PROVIDER}, status="failure"}}{RATE_WINDOW}))'
    ),
)
OUTCOMES: Final = Signal(
    name="{{status}}",
    unit=PER_MINUTE,
    expression=f"{MINUTE} * sum by (status) (rate(bais_payments_total{{{_OF_PROVIDER}}}{RATE_WINDOW}))",
)
LATENCY: Final = Signal(
    name="{{provider}}",
    unit=units.Seconds,
    expression=(
        "histogram_quantile(0.95, sum by (provider, le) (\n"
        f"  rate(bais_payment_duration_seconds_bucket{{{_OF_PROVIDER}}}[15m])\n))"
    ),
)


def _share_by_provider(status: str) -> str:
    """Return the share of a provider's payments with a status; 0 where that series is absent."""
    ended = f"sum by (provider) (increase(bais_payments_total{{{_OF_PROVIDER}}}[15m]))"
    so = f'sum by (provider) (increase(bais_payments_total{{{_OF_PROVIDER}, status="{status}"}}[15m]))'
    return f"({so}\n  or 0 * {ended})\n/ ({ended} > 0)"


PROVIDERS: Final = (
    Signal(name="failed", unit=units.PercentUnit, expression=_share_by_provider("failure")),
    Signal(name="declined", unit=units.PercentUnit, expression=_share_by_provider("declined")),
    LATENCY.with_name("95th percentile"),
    Signal(
        name="payments",
        unit=units.Short,
        expression=f"sum by (provider) (increase(bais_payments_total{{{_OF_PROVIDER}}}[15m]))",
    ),
)
DECLINES: Final = usual.with_usual(
    f"service:bais_payment_declines:ratio_increase15m{{{_NAMESPACE}}}", units.PercentUnit
)
VOLUME: Final = usual.with_usual(_ALL, units.Short)
VOLUME_AGAINST_USUAL: Final = usual.ratio_to_usual(_ALL)
AMOUNT: Final = Signal(
    name="{{currency}}",
    unit=units.Short,
    expression=(f'sum by (currency) (increase(bais_payment_amount_total{{{_NAMESPACE}, status="success"}}[1h]))'),
)
OLDEST_PENDING: Final = Signal(
    name=_NAME,
    unit=MINUTES,
    expression=f"max {_BY} (bais_payment_oldest_pending_seconds{{{_NAMESPACE}}}) / {MINUTE}",
)

WEBHOOKS: Final = Signal(
    name="{{result}}",
    unit=PER_MINUTE,
    expression=f"{MINUTE} * sum by (result) (rate(bais_webhook_deliveries_total{{{_NAMESPACE}}}{RATE_WINDOW}))",
)
WEBHOOK_FAILURES: Final = Signal(
    name=_NAME,
    unit=units.PercentUnit,
    expression=(
        f'sum {_BY} (increase(bais_webhook_deliveries_total{{{_NAMESPACE}, result=~"failed|abandoned"}}[15m]))\n'
        f"/ (sum {_BY} (increase(bais_webhook_deliveries_total{{{_NAMESPACE}}}[15m])) > 0)"
    ),
)
WEBHOOKS_ABANDONED: Final = Signal(
    name=_NAME,
    unit=units.Short,
    expression=f'sum {_BY} (increase(bais_webhook_deliveries_total{{{_NAMESPACE}, result="abandoned"}}[1h]))',
)
OLDEST_WEBHOOK: Final = Signal(
    name=_NAME,
    unit=MINUTES,
    expression=f"max {_BY} (bais_webhook_oldest_pending_seconds{{{_NAMESPACE}}}) / {MINUTE}",
)
