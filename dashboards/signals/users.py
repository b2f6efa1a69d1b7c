"""Registrations, sign-ins, sessions and engagement."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import RATE_WINDOW, Signal
from dashboards.signals import usual
from dashboards.units import MINUTE, PER_MINUTE

_NAMESPACE: Final = 'namespace=~"$namespace"'
_BY: Final = "by (namespace, service)"

REGISTRATIONS_AGAINST_USUAL: Final = usual.ratio_to_usual(f"service:bais_user_registrations:increase1h{{{_NAMESPACE}}}")
SIGN_INS: Final = Signal(
    name="{{result}}",
    unit=PER_MINUTE,
    expression=f"{MINUTE} * sum by (result) (rate(bais_auth_attempts_total{{{_NAMESPACE}}}{RATE_WINDOW}))",
)
SIGN_INS_AGAINST_USUAL: Final = usual.ratio_to_usual(f"service:bais_sign_ins:rate15m{{{_NAMESPACE}}}")
SIGN_IN_ERRORS: Final = Signal(
    name="{{namespace}}/{{service}}",
    unit=units.PercentUnit,
    expression=(
        f'sum {_BY} (rate(bais_auth_attempts_total{{{_NAMESPACE}, reason="system_error"}}{RATE_WINDOW}))\n'
        f"/ (sum {_BY} (rate(bais_auth_attempts_total{{{_NAMESPACE}}}{RATE_WINDOW})) > 0)"
    ),
)
SESSIONS_AGAINST_USUAL: Final = usual.ratio_to_usual(f"service:bais_active_sessions:sum{{{_NAMESPACE}}}")
# Every process reports the same number.
ACTIVE_USERS: Final = Signal(
    name="{{window}}",
    unit=units.Short,
    expression=f"max by (window) (bais_active_users{{{_NAMESPACE}}})",
)
ENGAGEMENT: Final = Signal(
    name="{{namespace}}/{{service}}",
    unit=units.PercentUnit,
    expression=f"service:bais_active_users:ratio_1d_30d{{{_NAMESPACE}}}",
)
ENGAGEMENT_AGAINST_USUAL: Final = usual.ratio_to_usual(f"service:bais_active_users:ratio_1d_30d{{{_NAMESPACE}}}")
