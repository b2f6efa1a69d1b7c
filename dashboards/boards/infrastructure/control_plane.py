"""Row of the control plane."""

from typing import Final

from dashboards.model import ANY_INCREASE, Panel, Row, View, above
from dashboards.signals import control_plane

CONTROL_PLANE: Final = Row(
    title="Control plane",
    collapsed=True,
    panels=(
        Panel(
            slug="api-server-requests",
            title="Requests to the API server",
            description="Requests per second by status code.",
            view=View.TREND,
            signals=(control_plane.REQUESTS,),
            stacked=True,
            width=8,
        ),
        Panel(
            slug="api-server-errors",
            title="Failed requests",
            description="Share of requests to the API server that failed with status 5xx.",
            view=View.TREND,
            signals=(control_plane.ERRORS,),
            limits=above(critical="api_server_error_ratio"),
            width=8,
        ),
        Panel(
            slug="api-server-latency",
            title="Request duration, 99th percentile",
            description="Duration of API server requests, by verb, without long-running ones such as watches.",
            view=View.TREND,
            signals=(control_plane.LATENCY,),
            limits=above(warning="api_server_slow_seconds"),
            width=8,
        ),
        Panel(
            slug="client-certificates",
            title="Expiring client certificates",
            description="Requests to the API server in 15 minutes with a certificate valid for an hour to a week.",
            view=View.TREND,
            signals=(control_plane.CLIENT_CERTIFICATES,),
            limits=above(warning=1),
            width=8,
        ),
        Panel(
            slug="cluster-dns-responses",
            title="Cluster DNS responses",
            description="DNS responses per second by response code.",
            view=View.TREND,
            signals=(control_plane.DNS,),
            stacked=True,
            width=8,
        ),
        Panel(
            slug="cluster-dns-panics",
            title="Cluster DNS panics",
            width=8,
            description="Panics of each DNS server in the last 15 minutes.",
            view=View.TREND,
            signals=(control_plane.DNS_PANICS,),
            limits=above(warning=ANY_INCREASE),
        ),
        Panel(
            slug="kube-state-metrics-errors",
            title="Failed requests of kube-state-metrics",
            width=24,
            description="Share of failed list or watch requests, by kind of object.",
            view=View.TREND,
            signals=(control_plane.STATE_METRICS_ERRORS,),
            limits=above(warning="kube_state_metrics_error_ratio"),
        ),
    ),
)
