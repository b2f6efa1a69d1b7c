"""The cluster's own interface."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import WINDOW, Signal

REQUESTS: Final = Signal(
    name="{{code}}",
    unit=units.RequestsPerSecond,
    expression=f"sum by (code) (rate(apiserver_request_total{WINDOW}))",
)
# A watch lasts for minutes by design.
LATENCY: Final = Signal(
    name="{{verb}}",
    unit=units.Seconds,
    expression=(
        "histogram_quantile(0.99, sum by (le, verb) (\n"
        f'  rate(apiserver_request_duration_seconds_bucket{{verb!~"WATCH|CONNECT"}}{WINDOW})\n))'
    ),
)
DNS: Final = Signal(
    name="{{rcode}}",
    unit=units.CountsPerSecond,
    expression=f"sum by (rcode) (rate(coredns_dns_responses_total{WINDOW}))",
)
