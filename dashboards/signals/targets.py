"""Availability of scrape targets. Targets of a monitor have the label `endpoint`; those of a probe do not."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import Signal
from dashboards.signals.freshness import or_none

_MONITORED: Final = 'endpoint!="", namespace=~"$namespace", job=~"$job"'

UP: Final = Signal(
    name="{{namespace}}/{{service}}",
    unit=units.NoUnit,
    expression=f"max by (namespace, service) (up{{{_MONITORED}}})",
)
DOWN: Final = Signal(
    name="{{namespace}}/{{service}}",
    unit=units.PercentUnit,
    expression=f"topk(10, 1 - avg by (namespace, service) (up{{{_MONITORED}}}))",
)
MISSED_SCRAPES: Final = or_none(
    Signal(
        name="downtime, last hour",
        unit=units.PercentUnit,
        expression=(
            "max by (job, namespace, service, pod, instance) (\n"
            f"  1 - avg_over_time(up{{{_MONITORED}}}[1h])\n  and up{{{_MONITORED}}} == 0\n)"
        ),
    ),
    "job",
)
BY_JOB: Final = Signal(
    name="{{job}}",
    unit=units.Short,
    expression='count by (job) (up{namespace=~"$namespace", job=~"$job"})',
)
SCRAPE_DURATION: Final = Signal(
    name="{{job}}",
    unit=units.Seconds,
    expression='topk(10, max by (job) (scrape_duration_seconds{namespace=~"$namespace", job=~"$job"}))',
)
