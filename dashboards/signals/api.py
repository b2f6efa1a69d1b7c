"""HTTP API and worker signals of the production dashboard."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import RATE_WINDOW, Signal
from dashboards.units import MINUTE, MINUTES, PER_MINUTE

_API: Final = 'namespace=~"$namespace", job=~"$job"'

REQUESTS_BY_STATUS: Final = Signal(
    name="{{status}}",
    unit=units.RequestsPerSecond,
    expression=f"sum by (status) (rate(http_requests_total{{{_API}}}{RATE_WINDOW}))",
)
# Without errors the error series is absent; `or` yields 0 as long as there are requests.
ERROR_RATIO: Final = Signal(
    name="errors",
    unit=units.PercentUnit,
    expression=(
        f'(\n  sum(rate(http_requests_total{{{_API}, status=~"5.."}}{RATE_WINDOW}))\n'
        f"  or 0 * sum(rate(http_requests_total{{{_API}}}{RATE_WINDOW}))\n)\n"
        f"/ (sum(rate(http_requests_total{{{_API}}}{RATE_WINDOW})) > 0)"
    ),
)
P50, P95, P99 = (
    Signal(
        name=f"{percentile}th percentile",
        unit=units.Seconds,
        expression=(
            f"histogram_quantile({percentile / 100}, sum by (le) (\n"
            f"  rate(http_request_duration_seconds_bucket{{{_API}}}{RATE_WINDOW})\n))"
        ),
    )
    for percentile in (50, 95, 99)
)
IN_FLIGHT: Final = Signal(
    name="in flight",
    unit=units.Short,
    expression=f"sum(http_requests_in_flight{{{_API}}})",
)
JOBS: Final = Signal(
    name="{{queue}} {{result}}",
    unit=PER_MINUTE,
    expression=(
        f'{MINUTE} * sum by (queue, result) (rate(bais_queue_jobs_total{{namespace=~"$namespace"}}{RATE_WINDOW}))'
    ),
)
# Without failures the failure series may be absent; `or` yields 0 as long as there are jobs.
JOB_FAILURES: Final = Signal(
    name="{{queue}}",
    unit=units.PercentUnit,
    expression=(
        '(\n  sum by (queue) (increase(bais_queue_jobs_total{namespace=~"$namespace", result="failure"}[15m]))\n'
        '  or 0 * sum by (queue) (increase(bais_queue_jobs_total{namespace=~"$namespace"}[15m]))\n)\n'
        '/ (sum by (queue) (increase(bais_queue_jobs_total{namespace=~"$namespace"}[15m])) > 0)'
    ),
)
QUEUE_AGE: Final = Signal(
    name="{{queue}}",
    unit=MINUTES,
    expression=f'max by (queue) (bais_queue_oldest_job_seconds{{namespace=~"$namespace"}}) / {MINUTE}',
)
