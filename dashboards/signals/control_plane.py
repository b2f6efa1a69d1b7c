"""Cluster components: API server, kubelets and DNS."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import RATE_WINDOW, Signal
from dashboards.signals.freshness import or_none
from dashboards.units import per_second

_API: Final = 'job="apiserver"'
_DNS: Final = 'job=~"coredns|kube-dns"'
_STATE_METRICS: Final = 'job="kube-state-metrics"'
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
        f'(\n  sum(rate(apiserver_request_total{{{_API}, code=~"5.."}}{RATE_WINDOW}))\n'
        f"  or 0 * sum(rate(apiserver_request_total{{{_API}}}{RATE_WINDOW}))\n)\n"
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
    name="requests",
    unit=units.Short,
    expression=(
        "histogram_fraction(3600, 604800, sum by (le) (\n"
        f"  increase(apiserver_client_certificate_expiration_seconds_bucket{{{_API}}}[15m])\n))\n"
        f"* on () sum(increase(apiserver_client_certificate_expiration_seconds_count{{{_API}}}[15m]))"
    ),
)
DNS: Final = Signal(
    name="{{rcode}}",
    unit=per_second("responses"),
    expression=f"sum by (rcode) (rate(coredns_dns_responses_total{{{_DNS}}}{RATE_WINDOW}))",
)
DNS_PANICS: Final = or_none(
    Signal(
        name="{{instance}}",
        unit=units.Short,
        expression=f"sum by (instance) (increase(coredns_panics_total{{{_DNS}}}[15m])) > 0",
    ),
    "instance",
)
_STATE_METRICS_ERRORS: Final = Signal(
    name="{{resource}}",
    unit=units.PercentUnit,
    expression=(
        f'sum by (resource) (rate(kube_state_metrics_list_total{{{_STATE_METRICS}, result="error"}}[10m]))\n'
        f"/ (sum by (resource) (rate(kube_state_metrics_list_total{{{_STATE_METRICS}}}[10m])) > 0)\n"
        "or\n"
        f'sum by (resource) (rate(kube_state_metrics_watch_total{{{_STATE_METRICS}, result="error"}}[10m]))\n'
        f"/ (sum by (resource) (rate(kube_state_metrics_watch_total{{{_STATE_METRICS}}}[10m])) > 0)"
    ),
)
STATE_METRICS_ERRORS: Final = or_none(_STATE_METRICS_ERRORS, "resource")
