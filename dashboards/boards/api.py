"""API dashboard: traffic, errors and latency by service and route, and the worker."""

from typing import Final

from dashboards import slo_targets
from dashboards.model import Board, Panel, PartOf, Row, Variable, View, above, below
from dashboards.signals import api, budgets, requests
from dashboards.units import MINUTE

_REQUESTS: Final = Row(
    title="Traffic",
    panels=(
        Panel(
            slug="request-rate",
            title="Request rate",
            description="Requests per second by service. A service without a line exposes no metrics.",
            view=View.TREND,
            signals=(requests.RATE,),
            limits=below(warning="api_minimum_throughput"),
            width=8,
        ),
        Panel(
            slug="request-rate-against-last-week",
            title="Requests against the usual level",
            description="Requests relative to the usual level at this time of the week.",
            view=View.TREND,
            signals=(requests.AGAINST_USUAL,),
            limits=below(warning="api_traffic_drop_ratio"),
            width=8,
        ),
        Panel(
            slug="request-rate-by-status",
            title="Request rate by status code",
            description="Requests per second, sum of all selected services and routes.",
            view=View.TREND,
            signals=(requests.RATE_BY_STATUS,),
            stacked=True,
            width=8,
        ),
        Panel(
            slug="request-rate-by-route",
            title="Request rate by route, top 10",
            description="Requests per second to the busiest routes.",
            view=View.TREND,
            signals=(requests.RATE_BY_ROUTE,),
            width=8,
        ),
        Panel(
            slug="peak-throughput",
            title="Daily peak",
            description=f"Highest rate of the last day. A full bar is {slo_targets.REQUESTS_PER_SECOND} requests/s.",
            view=View.BARS,
            signals=(requests.PEAK,),
            highest=slo_targets.REQUESTS_PER_SECOND,
            width=8,
        ),
        Panel(
            slug="requests-in-flight",
            title="Requests in flight, top 10",
            description="Requests being processed by each pod.",
            view=View.TREND,
            signals=(requests.IN_FLIGHT,),
            limits=above(warning="api_requests_in_flight"),
            width=8,
        ),
    ),
)

_ERRORS: Final = Row(
    title="Errors",
    panels=(
        Panel(
            slug="error-rate",
            title="Error rate",
            description="Share of requests that failed with a server error, status 5xx.",
            view=View.TREND,
            signals=(requests.ERRORS,),
            limits=above(promised=slo_targets.allowed_failures("errors"), critical="api_error_ratio"),
        ),
        Panel(
            slug="error-rate-by-route",
            title="Error rate by route, top 10",
            description="Share of each route's requests in the last 10 minutes that failed with status 5xx.",
            view=View.TREND,
            signals=(requests.ERRORS_BY_ROUTE,),
            limits=above(warning="api_route_error_ratio"),
        ),
        Panel(
            slug="client-error-rate",
            title="Client errors",
            description="Share of requests rejected with status 4xx, without denied and rate-limited ones.",
            view=View.TREND,
            signals=requests.CLIENT_ERRORS,
            limits=above(warning="api_client_error_ratio"),
        ),
    ),
)

_LATENCY: Final = Row(
    title="Latency",
    panels=(
        Panel(
            slug="latency-p95",
            title="Response time, 95th percentile",
            description="95 % of requests complete within this time.",
            view=View.TREND,
            signals=(requests.P95,),
            limits=above(promised=slo_targets.RESPONSE_SECONDS, warning="api_latency_p95_seconds"),
        ),
        Panel(
            slug="latency-p99",
            title="Response time, 99th percentile",
            description="99 % of requests complete within this time.",
            view=View.TREND,
            signals=(requests.P99,),
            limits=above(warning="api_latency_p99_seconds"),
        ),
        Panel(
            slug="latency-by-route",
            title="Slowest routes, top 10",
            description="95th percentile of each route's response time.",
            view=View.TREND,
            signals=(requests.P95_BY_ROUTE,),
            limits=above(promised=slo_targets.RESPONSE_SECONDS, warning="api_latency_p95_seconds"),
        ),
        Panel(
            slug="latency-promise",
            title=f"Requests within {slo_targets.RESPONSE_SECONDS * 1000:.0f} ms",
            description="Share of requests in the last 5 minutes that met the latency objective.",
            view=View.TREND,
            signals=(budgets.good_share("latency", "{{namespace}}/{{service}}"),),
            limits=below(promised=slo_targets.good_share("latency")),
            highest=1,
        ),
        Panel(
            slug="latency-distribution",
            title="Response times",
            description="Distribution of request durations, all selected services and routes.",
            view=View.HEATMAP,
            signals=(requests.DURATIONS,),
            width=16,
        ),
    ),
)

_ROUTES: Final = Row(
    title="Breakdown by route",
    panels=(
        Panel(
            slug="routes",
            title="Routes",
            description="Response time, error rate and request rate of each route over the last 10 minutes.",
            view=View.TABLE,
            labels=("route",),
            signals=requests.ROUTES,
            limits_by_signal=(
                above(promised=slo_targets.RESPONSE_SECONDS, warning="api_latency_p95_seconds"),
                above(promised=slo_targets.allowed_failures("errors"), warning="api_route_error_ratio"),
                None,
            ),
            width=24,
        ),
    ),
)

_BUDGETS: Final = Row(
    title="30-day objectives",
    panels=(
        Panel(
            slug="error-budget",
            title="Error budget left",
            description="Share of the 30-day budget of failed requests that is left. Below 0 it is overspent.",
            view=View.TREND,
            signals=(budgets.remaining("errors", "{{namespace}}/{{service}}"),),
            limits=budgets.REMAINING_LIMITS,
            lowest=None,
            width=6,
            highest=1,
        ),
        Panel(
            slug="latency-budget",
            title="Latency budget left",
            description="Share of the 30-day budget of slow requests that is left. Below 0 it is overspent.",
            view=View.TREND,
            signals=(budgets.remaining("latency", "{{namespace}}/{{service}}"),),
            limits=budgets.REMAINING_LIMITS,
            lowest=None,
            width=6,
            highest=1,
        ),
        Panel(
            slug="budget-burn",
            title="Error budget burn rate",
            description="Burn rate over each window. At 1 a budget lasts exactly 30 days. Red pages the on-call.",
            view=View.TABLE,
            labels=("slo", "namespace", "service"),
            signals=budgets.burn_rates(("errors", "latency"), "slo, namespace, service"),
            limits_by_signal=budgets.burn_rate_limits(),
            decimals=1,
            width=12,
        ),
    ),
)

_QUEUES: Final = Row(
    title="Queues",
    collapsed=True,
    panels=(
        Panel(
            slug="queue-age",
            title="Oldest entry",
            description="How long the oldest job in each queue has been waiting.",
            view=View.TREND,
            signals=(api.QUEUE_AGE,),
            limits=above(warning=PartOf("worker_queue_age_seconds", MINUTE)),
            width=8,
        ),
        Panel(
            slug="job-failures",
            title="Failed jobs",
            description="Share of jobs in the last 15 minutes that failed, by queue.",
            view=View.TREND,
            signals=(api.JOB_FAILURES,),
            limits=above(warning="worker_job_failure_ratio"),
            width=8,
        ),
        Panel(
            slug="jobs",
            title="Jobs by queue",
            description="Finished jobs per minute. Each retry of a job counts again.",
            view=View.TREND,
            signals=(api.JOBS,),
            stacked=True,
            width=8,
        ),
    ),
)

_PODS: Final = Row(
    title="Pods",
    collapsed=True,
    panels=(
        Panel(
            slug="request-rate-by-pod",
            title="Request rate by pod, top 10",
            description="Requests per second of each pod. A pod without requests may not be ready.",
            view=View.TREND,
            signals=(requests.RATE_BY_POD,),
        ),
        Panel(
            slug="error-rate-by-pod",
            title="Error rate by pod, top 10",
            description="Share of each pod's requests that failed with status 5xx. One failing pod is seldom the code.",
            view=View.TREND,
            signals=(requests.ERRORS_BY_POD,),
            limits=above(promised=slo_targets.allowed_failures("errors"), critical="api_error_ratio"),
        ),
        Panel(
            slug="latency-by-pod",
            title="Slowest pods, top 10",
            description="95th percentile of each pod's response time.",
            view=View.TREND,
            signals=(requests.P95_BY_POD,),
            limits=above(promised=slo_targets.RESPONSE_SECONDS, warning="api_latency_p95_seconds"),
        ),
    ),
)

BOARD: Final = Board(
    uid="bais-api",
    title="BAIS API",
    description="Traffic, errors and latency of the HTTP API, by service and route, and of the worker behind it.",
    topic="api",
    areas=("api",),
    variables=(
        Variable(name="namespace", label="Namespace", query="label_values(http_requests_in_flight, namespace)"),
        Variable(name="job", label="Job", query='label_values(http_requests_in_flight{namespace=~"$namespace"}, job)'),
        Variable(
            name="route",
            label="Route",
            query='label_values(http_requests_total{namespace=~"$namespace", job=~"$job"}, route)',
        ),
    ),
    rows=(_REQUESTS, _ERRORS, _LATENCY, _ROUTES, _BUDGETS, _QUEUES, _PODS),
    rollouts=True,
    refresh="30s",
)
