"""Refused sign-ins and requests."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import RATE_WINDOW, Signal

_API: Final = 'namespace=~"$namespace", job=~"$job"'

EVENTS: Final = Signal(
    name="{{type}}",
    unit=units.CountsPerSecond,
    expression=f"sum by (type) (rate(bais_security_events_total{{{_API}}}{RATE_WINDOW}))",
)
FAILED_SIGN_INS: Final = Signal(
    name="{{reason}}",
    unit=units.CountsPerSecond,
    expression=f'sum by (reason) (rate(bais_auth_attempts_total{{{_API}, result="failure"}}{RATE_WINDOW}))',
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
