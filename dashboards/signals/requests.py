"""HTTP requests per service and route, as the alerts evaluate them."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import RATE_WINDOW, Signal
from dashboards.signals import usual

_API: Final = 'namespace=~"$namespace", job=~"$job"'
_ROUTE: Final = f'{_API}, route=~"$route"'
_BY: Final = "by (namespace, service)"
_NAME: Final = "{{namespace}}/{{service}}"

RATE: Final = Signal(
    name=_NAME,
    unit=units.RequestsPerSecond,
    expression=f"sum {_BY} (rate(http_requests_total{{{_API}}}{RATE_WINDOW}))",
)
AGAINST_USUAL: Final = usual.ratio_to_usual(f"service:http_requests:rate5m{{{_API}}}")
ERRORS: Final = Signal(
    name=_NAME,
    unit=units.PercentUnit,
    expression=(
        f'(\n  sum {_BY} (rate(http_requests_total{{{_API}, status=~"5.."}}{RATE_WINDOW}))\n'
        f"  or 0 * sum {_BY} (rate(http_requests_total{{{_API}}}{RATE_WINDOW}))\n)\n"
        f"/ (sum {_BY} (rate(http_requests_total{{{_API}}}{RATE_WINDOW})) > 0)"
    ),
)
CLIENT_ERRORS: Final = usual.with_usual(f"service:http_client_errors:ratio_rate5m{{{_API}}}", units.PercentUnit)
P95, P99 = (
    Signal(
        name=_NAME,
        unit=units.Seconds,
        expression=(
            f"histogram_quantile({percentile / 100}, sum by (namespace, service, le) (\n"
            f"  rate(http_request_duration_seconds_bucket{{{_API}}}{RATE_WINDOW})\n))"
        ),
    )
    for percentile in (95, 99)
)
IN_FLIGHT: Final = Signal(
    name="{{namespace}}/{{pod}}",
    unit=units.Short,
    expression=f"topk(10, max by (namespace, pod) (http_requests_in_flight{{{_API}}}))",
)

PEAK: Final = Signal(
    name="peak",
    unit=units.RequestsPerSecond,
    expression=f"max_over_time(sum(service:http_requests:rate5m{{{_API}}})[1d:5m])",
)
DURATIONS: Final = Signal(
    name="{{le}}",
    unit=units.RequestsPerSecond,
    expression=f"sum by (le) (rate(http_request_duration_seconds_bucket{{{_ROUTE}}}{RATE_WINDOW}))",
)
RATE_BY_STATUS: Final = Signal(
    name="{{status}}",
    unit=units.RequestsPerSecond,
    expression=f"sum by (status) (rate(http_requests_total{{{_ROUTE}}}{RATE_WINDOW}))",
)

_ROUTE_RATE: Final = f"sum by (route) (rate(http_requests_total{{{_ROUTE}}}[10m]))"
# Without errors the error series is absent; `or 0 *` yields 0 as long as there are requests.
ROUTES: Final = (
    Signal(
        name="95th percentile",
        unit=units.Seconds,
        expression=(
            "histogram_quantile(0.95, sum by (route, le) (\n"
            f"  rate(http_request_duration_seconds_bucket{{{_ROUTE}}}[10m])\n)) >= 0"
        ),
    ),
    Signal(
        name="errors",
        unit=units.PercentUnit,
        expression=(
            f'(\n  sum by (route) (rate(http_requests_total{{{_ROUTE}, status=~"5.."}}[10m]))\n'
            f"  or 0 * {_ROUTE_RATE}\n)\n/ ({_ROUTE_RATE} > 0)"
        ),
    ),
    Signal(name="requests", unit=units.RequestsPerSecond, expression=_ROUTE_RATE),
)
RATE_BY_ROUTE: Final = Signal(
    name="{{route}}",
    unit=units.RequestsPerSecond,
    expression=f"topk(10, sum by (route) (rate(http_requests_total{{{_ROUTE}}}{RATE_WINDOW})))",
)
ERRORS_BY_ROUTE: Final = Signal(
    name="{{route}}",
    unit=units.PercentUnit,
    expression=(
        f'topk(10,\n  sum by (route) (rate(http_requests_total{{{_ROUTE}, status=~"5.."}}[10m]))\n'
        f"  / (sum by (route) (rate(http_requests_total{{{_ROUTE}}}[10m])) > 0)\n)"
    ),
)
P95_BY_ROUTE: Final = Signal(
    name="{{route}}",
    unit=units.Seconds,
    expression=(
        "topk(10, histogram_quantile(0.95, sum by (route, le) (\n"
        f"  rate(http_request_duration_seconds_bucket{{{_ROUTE}}}{RATE_WINDOW})\n)))"
    ),
)

_BY_POD: Final = "by (namespace, pod)"
_POD_NAME: Final = "{{namespace}}/{{pod}}"
_POD_RATE: Final = f"sum {_BY_POD} (rate(http_requests_total{{{_API}}}{RATE_WINDOW}))"
RATE_BY_POD: Final = Signal(name=_POD_NAME, unit=units.RequestsPerSecond, expression=f"topk(10, {_POD_RATE})")
ERRORS_BY_POD: Final = Signal(
    name=_POD_NAME,
    unit=units.PercentUnit,
    expression=(
        f'topk(10, (\n  sum {_BY_POD} (rate(http_requests_total{{{_API}, status=~"5.."}}{RATE_WINDOW}))\n'
        f"  or 0 * {_POD_RATE}\n)\n/ ({_POD_RATE} > 0))"
    ),
)
P95_BY_POD: Final = Signal(
    name=_POD_NAME,
    unit=units.Seconds,
    expression=(
        "topk(10, histogram_quantile(0.95, sum by (namespace, pod, le) (\n"
        f"  rate(http_request_duration_seconds_bucket{{{_API}}}{RATE_WINDOW})\n)))"
    ),
)
