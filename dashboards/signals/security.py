"""Refused sign-ins and requests."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import RATE_WINDOW, Signal
from dashboards.units import MINUTE, PER_MINUTE, per_second

_API: Final = 'namespace=~"$namespace", job=~"$job"'

EVENTS: Final = Signal(
    name="{{type}}",
    unit=PER_MINUTE,
    expression=f"{MINUTE} * sum by (type) (rate(bais_security_events_total{{{_API}}}{RATE_WINDOW}))",
)
# Without our own errors, as the alert counts them.
_REFUSED: Final = f'{_API}, result="failure", reason!="system_error"'
FAILED_SIGN_INS: Final = Signal(
    name="{{reason}}",
    unit=per_second("sign-ins"),
    expression=f"sum by (reason) (rate(bais_auth_attempts_total{{{_REFUSED}}}{RATE_WINDOW}))",
)
DENIED_REQUESTS: Final = Signal(
    name="{{status}}",
    unit=units.RequestsPerSecond,
    expression=f'sum by (status) (rate(http_requests_total{{{_API}, status=~"401|403"}}{RATE_WINDOW}))',
)
LIMITED_REQUESTS: Final = Signal(
    name="{{limiter}}",
    unit=units.RequestsPerSecond,
    expression=f"sum by (limiter) (rate(bais_rate_limited_requests_total{{{_API}}}{RATE_WINDOW}))",
)
