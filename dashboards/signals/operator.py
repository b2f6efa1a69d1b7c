"""Prometheus operator."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import RATE_WINDOW, Signal

_SELF: Final = 'job="prometheus-operator", namespace=~"$namespace"'

RECONCILE_ERRORS: Final = Signal(
    name="{{controller}}",
    unit=units.PercentUnit,
    expression=(
        f"sum by (controller) (rate(prometheus_operator_reconcile_errors_total{{{_SELF}}}{RATE_WINDOW}))\n"
        f"/ (sum by (controller) (rate(prometheus_operator_reconcile_operations_total{{{_SELF}}}{RATE_WINDOW})) > 0)"
    ),
)
REJECTED_RESOURCES: Final = Signal(
    name="{{controller}} {{resource}}",
    unit=units.Short,
    expression=f'max by (controller, resource) (prometheus_operator_managed_resources{{{_SELF}, state="rejected"}})',
)
READY: Final = Signal(
    name="{{controller}}",
    unit=units.NoUnit,
    expression=f"min by (controller) (prometheus_operator_ready{{{_SELF}}})",
)
