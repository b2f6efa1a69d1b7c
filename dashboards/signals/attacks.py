"""Attacks, abuse and privileged actions per service, as the alerts evaluate them."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import RATE_WINDOW, Signal
from dashboards.signals import usual
from dashboards.units import DAY, DAYS, MINUTE, PER_MINUTE, per_second

_API: Final = 'namespace=~"$namespace", job=~"$job"'
_BY: Final = "by (namespace, service)"
_NAME: Final = "{{namespace}}/{{service}}"

FAILED_SIGN_INS: Final = usual.with_usual(f"service:bais_auth_failures:rate5m{{{_API}}}", per_second("sign-ins"))
FAILURES_BY_SOURCE: Final = Signal(
    name=f"{_NAME} {{{{source}}}}",
    unit=units.Short,
    expression=f"topk(10, sum by (namespace, service, source) (bais_auth_source_failures{{{_API}}}))",
)
DENIED_REQUESTS: Final = usual.with_usual(f"service:http_denied_requests:rate5m{{{_API}}}", units.RequestsPerSecond)
DENIED_BY_ROUTE: Final = Signal(
    name="{{route}} {{status}}",
    unit=units.RequestsPerSecond,
    expression=(
        f'topk(10, sum by (route, status) (\n  rate(http_requests_total{{{_API}, status=~"401|403"}}{RATE_WINDOW})\n))'
    ),
)
LIMITED_SHARE: Final = Signal(
    name=_NAME,
    unit=units.PercentUnit,
    expression=(
        f"sum {_BY} (rate(bais_rate_limited_requests_total{{{_API}}}{RATE_WINDOW}))\n"
        f"/ (sum {_BY} (rate(http_requests_total{{{_API}}}{RATE_WINDOW})) > 0)"
    ),
)
EVENTS: Final = usual.with_usual(f"service_type:bais_security_events:increase15m{{{_API}}}", units.Short, "type")
EVENTS_BY_SEVERITY: Final = Signal(
    name="{{severity}}",
    unit=PER_MINUTE,
    expression=f"{MINUTE} * sum by (severity) (rate(bais_security_events_total{{{_API}}}{RATE_WINDOW}))",
)
CRITICAL_EVENTS: Final = Signal(
    name=f"{_NAME} {{{{type}}}}",
    unit=units.Short,
    expression=(
        "sum by (namespace, service, type) (\n"
        f'  increase(bais_security_events_total{{{_API}, severity="critical"}}[10m])\n)'
    ),
)
PRIVILEGED_ACTIONS: Final = usual.with_usual(
    f"service_action:bais_admin_actions:increase1h{{{_API}}}", units.Short, "action"
)
GRANTED_RIGHTS: Final = Signal(
    name=f"{_NAME} {{{{action}}}}",
    unit=units.Short,
    expression=(
        "sum by (namespace, service, action) (\n"
        f'  increase(bais_admin_actions_total{{{_API}, action=~"grant_role|create_key"}}[15m])\n)'
    ),
)
CREDENTIAL_AGE: Final = Signal(
    name=f"{_NAME} {{{{credential}}}}",
    unit=DAYS,
    expression=(
        "topk(10, (time() - min by (namespace, service, credential) (\n"
        f"  bais_credential_rotated_timestamp_seconds{{{_API}}}\n)) / {DAY})"
    ),
)
