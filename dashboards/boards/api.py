"""What customers get from the HTTP API, by service and route, and the worker behind it."""

from typing import Final

from dashboards import slo_targets
from dashboards.model import Board, Panel, Row, Variable, View, above, below
from dashboards.signals import api, budgets, requests

_REQUESTS: Final = Row(
    title="How much traffic is there?",
    panels=(
        Panel(
            slug="request-rate",
            title="Request rate",
            description="Requests per second by service. A service that answers without a line lost its metrics.",
            view=View.TREND,
            signals=(requests.RATE,),
            limits=below(warning="api_minimum_throughput"),
            width=5,
        ),
        Panel(
            slug="request-rate-against-last-week",
            title="Requests against last week",
            description="Requests as a share of those of the same time a week ago.",
            view=View.TREND,
            signals=(requests.AGAINST_LAST_WEEK,),
            limits=below(warning="api_traffic_drop_ratio"),
            width=5,
        ),
        Panel(
            slug="request-rate-by-status",
            title="Request rate by status code",
            description="Requests per second, all chosen services and routes together.",
            view=View.TREND,
            signals=(requests.RATE_BY_STATUS,),
            stacked=True,
            width=5,
        ),
        Panel(
            slug="request-rate-by-route",
            title="Request rate by route, top 10",
            description="Requests per second to the busiest routes.",
            view=View.TREND,
            signals=(requests.RATE_BY_ROUTE,),
            width=5,
        ),
        Panel(
            slug="peak-throughput",
            title="Peak of a day",
            description=f"The most requests per second; a full bar is the promised {slo_targets.REQUESTS_PER_SECOND}.",
            view=View.BARS,
            signals=(requests.PEAK,),
            highest=slo_targets.REQUESTS_PER_SECOND,
            width=4,
        ),
    ),
)

_ERRORS: Final = Row(
    title="What fails?",
    panels=(
        Panel(
            slug="error-rate",
            title="Error rate",
            description="Share of the requests that failed through our own problem, status 5xx.",
            view=View.TREND,
            signals=(requests.ERRORS,),
            limits=above(promised=slo_targets.failures("errors"), critical="api_error_ratio"),
        ),
        Panel(
            slug="error-rate-by-route",
            title="Error rate by route, top 10",
            description="Share of a route's requests of the last 10 minutes that failed through our own problem.",
            view=View.TREND,
            signals=(requests.ERRORS_BY_ROUTE,),
            limits=above(warning="api_route_error_ratio"),
        ),
        Panel(
            slug="client-error-rate",
            title="Client errors",
            description="Share of the requests refused as wrong, status 4xx; denied and limited ones are on Security.",
            view=View.TREND,
            signals=requests.CLIENT_ERRORS,
            limits=above(warning="api_client_error_ratio"),
        ),
    ),
)

_LATENCY: Final = Row(
    title="How long do customers wait?",
    panels=(
        Panel(
            slug="latency-p95",
            title="Response time, 95th percentile",
            description="19 of 20 requests are answered at least as fast.",
            view=View.TREND,
            signals=(requests.P95,),
            limits=above(promised=slo_targets.RESPONSE_SECONDS, warning="api_latency_p95_seconds"),
        ),
        Panel(
            slug="latency-p99",
            title="Response time, 99th percentile",
            description="99 of 100 requests are answered at least as fast.",
            view=View.TREND,
            signals=(requests.P99,),
            limits=above(warning="api_latency_p99_seconds"),
        ),
        Panel(
            slug="latency-by-route",
            title="Slowest routes, top 10",
            description="The 95th percentile of the response times of each route.",
            view=View.TREND,
            signals=(requests.P95_BY_ROUTE,),
            limits=above(promised=slo_targets.RESPONSE_SECONDS, warning="api_latency_p95_seconds"),
        ),
        Panel(
            slug="latency-promise",
            title=f"Answered within {slo_targets.RESPONSE_SECONDS * 1000:.0f} ms",
            description="Share of the requests of the last 5 minutes that were as fast as promised.",
            view=View.TREND,
            signals=(budgets.kept("latency", "{{namespace}}/{{service}}"),),
            limits=below(promised=slo_targets.share("latency")),
            highest=1,
        ),
        Panel(
            slug="latency-distribution",
            title="Response times",
            description="How many requests per second took how long, of all chosen services and routes together.",
            view=View.HEATMAP,
            signals=(requests.DURATIONS,),
            width=16,
        ),
    ),
)

_ROUTES: Final = Row(
    title="Which route is it?",
    panels=(
        Panel(
            slug="routes",
            title="Routes",
            description="Each route's response time, errors and requests per second, of the last 10 minutes.",
            view=View.TABLE,
            labels=("route",),
            signals=requests.ROUTES,
            limits_by_signal=(
                above(promised=slo_targets.RESPONSE_SECONDS, warning="api_latency_p95_seconds"),
                above(promised=slo_targets.failures("errors"), warning="api_route_error_ratio"),
                None,
            ),
            width=24,
        ),
    ),
)

_BUDGETS: Final = Row(
    title="Is the promise kept over 30 days?",
    panels=(
        Panel(
            slug="error-budget",
            title="Left of the budget for errors",
            description="Share of the failed requests that the objective allows in 30 days and that are not spent yet.",
            view=View.TREND,
            signals=(budgets.remaining("errors", "{{namespace}}/{{service}}"),),
            limits=budgets.LEFT_LIMITS,
            lowest=None,
            width=6,
        ),
        Panel(
            slug="latency-budget",
            title="Left of the budget for slow requests",
            description="Share of the slow requests that the objective allows in 30 days and that are not spent yet.",
            view=View.TREND,
            signals=(budgets.remaining("latency", "{{namespace}}/{{service}}"),),
            limits=budgets.LEFT_LIMITS,
            lowest=None,
            width=6,
        ),
        Panel(
            slug="budget-burn",
            title="How fast budgets burn",
            description="Times faster than allowed, over each window: at 1 a budget lasts its 30 days. Red pages.",
            view=View.TABLE,
            labels=("slo", "namespace", "service"),
            signals=budgets.burning(("errors", "latency"), "slo, namespace, service"),
            limits_by_signal=budgets.burning_limits(),
            decimals=1,
            width=12,
        ),
    ),
)

_WORK: Final = Row(
    title="Do processes and queues keep up?",
    panels=(
        Panel(
            slug="requests-in-flight",
            title="Requests in flight, top 10",
            description="Requests that a process is working on.",
            view=View.TREND,
            signals=(requests.IN_FLIGHT,),
            limits=above(warning="api_requests_in_flight"),
            width=6,
        ),
        Panel(
            slug="queue-age",
            title="Oldest job",
            description="How long the oldest job of each queue has waited.",
            view=View.TREND,
            signals=(api.QUEUE_AGE,),
            limits=above(warning="worker_queue_age_seconds"),
            width=6,
        ),
        Panel(
            slug="job-failures",
            title="Failed jobs",
            description="Share of the jobs of the last 15 minutes that failed, by queue.",
            view=View.TREND,
            signals=(api.JOB_FAILURES,),
            limits=above(warning="worker_job_failure_ratio"),
            width=6,
        ),
        Panel(
            slug="jobs",
            title="Jobs by queue",
            description="Jobs per second that ended; one that is retried ends each time.",
            view=View.TREND,
            signals=(api.JOBS,),
            stacked=True,
            width=6,
        ),
    ),
)

BOARD: Final = Board(
    uid="bais-api",
    title="BAIS API",
    description="What customers get from the HTTP API, by service and route, and the worker behind it.",
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
    rows=(_REQUESTS, _ERRORS, _LATENCY, _ROUTES, _BUDGETS, _WORK),
    rollouts=True,
)
