"""The cluster's own parts."""

from typing import Final

from dashboards.model import Panel, Row, View, above, below, states
from dashboards.signals import control_plane

CONTROL_PLANE: Final = Row(
    title="Control plane",
    panels=(
        Panel(
            slug="kubelets-up",
            title="Kubelets",
            description="Whether the agent of each node answers.",
            view=View.STATES,
            signals=(control_plane.KUBELETS_UP,),
            states=states(bad="down", good="up"),
        ),
        Panel(
            slug="api-server-requests",
            title="Requests to the API server",
            description="Requests per second by status.",
            view=View.TREND,
            signals=(control_plane.REQUESTS,),
            stacked=True,
        ),
        Panel(
            slug="api-server-errors",
            title="Failed requests",
            description="Share of the requests that the API server could not answer.",
            view=View.TREND,
            signals=(control_plane.ERRORS,),
            limits=above(critical="api_server_error_ratio"),
        ),
        Panel(
            slug="api-server-latency",
            title="Duration of requests, 99th percentile",
            description="How long the API server takes to answer, by verb; without what lasts by design.",
            view=View.TREND,
            signals=(control_plane.LATENCY,),
            limits=above(warning="api_server_slow_seconds"),
        ),
        Panel(
            slug="client-certificates",
            title="Certificates of clients",
            description="How long certificates with which the API server is asked are still valid, at the shortest.",
            view=View.TREND,
            signals=(control_plane.CLIENT_CERTIFICATES,),
            limits=below(warning="client_certificate_days"),
        ),
        Panel(
            slug="cluster-dns-responses",
            title="Answers of the cluster's DNS",
            description="Answers per second by result.",
            view=View.TREND,
            signals=(control_plane.DNS,),
            stacked=True,
        ),
    ),
)
