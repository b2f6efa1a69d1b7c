"""Prometheus: what it collects, evaluates and stores."""

from typing import Final

from dashboards.boards.monitoring.states import RELOADED
from dashboards.model import ANY, Panel, Row, View, above
from dashboards.signals import prometheus

COLLECTING: Final = Row(
    title="Prometheus: collecting and evaluating",
    panels=(
        Panel(
            slug="samples-appended",
            title="Samples stored",
            description="Samples stored per second. A replica at zero is blind.",
            view=View.TREND,
            signals=(prometheus.SAMPLES_APPENDED,),
        ),
        Panel(
            slug="head-series",
            title="Active series",
            description="Series in memory; memory use follows their number.",
            view=View.TREND,
            signals=(prometheus.HEAD_SERIES,),
            limits=above(warning="prometheus_series_count"),
        ),
        Panel(
            slug="prometheus-config-reload",
            title="Configuration of Prometheus",
            description="Whether the newest configuration is in effect.",
            view=View.STATES,
            signals=(prometheus.CONFIGURATION_LOADED,),
            states=RELOADED,
        ),
        Panel(
            slug="target-sync-failures",
            title="Targets that could not be built",
            description="Targets dropped in the last 30 minutes, by scrape job. Their labels contradict each other.",
            view=View.TREND,
            signals=(prometheus.TARGET_SYNC_FAILURES,),
            limits=above(warning=ANY),
        ),
        Panel(
            slug="scrape-limits",
            title="Scrapes rejected by a limit",
            description="Scrapes of the last 30 minutes that stored nothing because of a limit, by kind of limit.",
            view=View.TREND,
            signals=prometheus.SCRAPE_LIMITS,
            limits=above(warning=ANY),
        ),
        Panel(
            slug="rule-evaluation-failures",
            title="Failed rule evaluations",
            description="Evaluations of the last 5 minutes that failed, by rule group. The group's alerts cannot fire.",
            view=View.TREND,
            signals=(prometheus.RULE_FAILURES,),
            limits=above(critical=ANY),
        ),
        Panel(
            slug="rule-group-duration",
            title="Duration of rule groups",
            description="Time of the last evaluation against the group's interval. At 100 % evaluations are skipped.",
            view=View.TREND,
            signals=(prometheus.RULE_GROUP_DURATION,),
            limits=above(warning=1),
            width=12,
        ),
        Panel(
            slug="query-duration",
            title="Duration of queries, 90th percentile",
            description="How long Prometheus takes for a query, by phase.",
            view=View.TREND,
            signals=(prometheus.QUERY_DURATION,),
            width=12,
        ),
    ),
)

STORAGE: Final = Row(
    title="Prometheus: storage",
    panels=(
        Panel(
            slug="prometheus-storage",
            title="Storage in use",
            description="All stored data against the size limit. Beyond it the oldest is deleted.",
            view=View.TREND,
            signals=(prometheus.STORAGE_USE,),
            limits=above(warning="prometheus_storage_ratio"),
            highest=1,
        ),
        Panel(
            slug="tsdb-failures",
            title="Failures of the storage",
            description="Compactions and reloads of blocks that failed in the last 3 hours.",
            view=View.TREND,
            signals=prometheus.STORAGE_FAILURES,
            limits=above(warning=ANY),
        ),
        Panel(
            slug="prometheus-memory",
            title="Memory of Prometheus",
            description="Resident memory of each replica.",
            view=View.TREND,
            signals=(prometheus.MEMORY,),
        ),
    ),
)
