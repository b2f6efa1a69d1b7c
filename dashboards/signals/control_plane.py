"""Cluster components: API server, kubelets and DNS."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import RATE_WINDOW, Signal

_API: Final = 'job="apiserver"'
# Without long-running requests: watches, logs and connections to pods.
_SHORT: Final = f'{_API}, verb=~"GET|POST|PUT|PATCH|DELETE", subresource!~"proxy|attach|log|exec|portforward"'

KUBELETS_UP: Final = Signal(
    name="{{node}}",
    unit=units.NoUnit,
    expression='max by (node) (up{job="kubelet", metrics_path="/metrics", node=~"$node"})',
)
REQUESTS: Final = Signal(
    name="{{code}}",
    unit=units.RequestsPerSecond,
    expression=f"sum by (code) (rate(apiserver_request_total{{{_API}}}{RATE_WINDOW}))",
)
ERRORS: Final = Signal(
    name="failed",
    unit=units.PercentUnit,
    expression=(
        f'(sum(rate(apiserver_request_total{{{_API}, code=~"5.."}}{RATE_WINDOW})) or vector(0))\n'
        f"/ (sum(rate(apiserver_request_total{{{_API}}}{RATE_WINDOW})) > 0)"
    ),
)
LATENCY: Final = Signal(
    name="{{verb}}",
    unit=units.Seconds,
    expression=(
        f"histogram_quantile(0.99, sum by (verb, le) (\n"
        f"  rate(apiserver_request_duration_seconds_bucket{{{_SHORT}}}{RATE_WINDOW})\n))"
    ),
)
CLIENT_CERTIFICATES: Final = Signal(
    name="shortest",
    unit=units.Days,
    expression=(
        "histogram_quantile(0.01, sum by (le) (\n"
        f"  rate(apiserver_client_certificate_expiration_seconds_bucket{{{_API}}}[15m])\n)) / 86400"
    ),
)
DNS: Final = Signal(
    name="{{rcode}}",
    unit=units.CountsPerSecond,
    expression=f'sum by (rcode) (rate(coredns_dns_responses_total{{job="coredns"}}{RATE_WINDOW}))',
)
