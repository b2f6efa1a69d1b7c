"""Rows of Prometheus: scraping, rule evaluation and storage."""

from typing import Final

from dashboards.boards.monitoring.states import RELOADED
from dashboards.model import ANY_INCREASE, Panel, PartOf, Row, View, above
from dashboards.signals import prometheus
from dashboards.units import HOUR, MINUTE

COLLECTING: Final = Row(
    title="Prometheus: collecting and evaluating",
    panels=(
        Panel(
            slug="samples-appended",
            title="Samples stored",
            description="Samples stored per second. A replica at zero collects nothing.",
            view=View.TREND,
            signals=(prometheus.SAMPLES_APPENDED,),
        ),
        Panel(
            slug="head-series",
            title="Active series",
            description="Series in memory. Memory usage grows with their number.",
            view=View.TREND,
            signals=(prometheus.HEAD_SERIES,),
            limits=above(warning="prometheus_series_count"),
        ),
        Panel(
            slug="prometheus-config-reload",
            title="Prometheus configuration",
            description="Whether the last configuration reload succeeded.",
            view=View.STATES,
            signals=(prometheus.CONFIGURATION_LOADED,),
            states=RELOADED,
        ),
        Panel(
            slug="target-sync-failures",
            title="Target sync failures, top 10",
            description="Targets dropped in the last 30 minutes because of invalid labels, by scrape job.",
            view=View.TREND,
            signals=(prometheus.TARGET_SYNC_FAILURES,),
            limits=above(warning=ANY_INCREASE),
            width=6,
        ),
        Panel(
            slug="scrape-limits",
            title="Scrapes rejected by a limit",
            description="Scrapes in the last 30 minutes rejected because they exceeded a limit, by limit.",
            view=View.TREND,
            signals=prometheus.SCRAPE_LIMITS,
            limits=above(warning=ANY_INCREASE),
            width=6,
        ),
        Panel(
            slug="scrape-limit-usage",
            title="Use of scrape limits",
            description="Samples, body size and targets of the ten scrape jobs that are closest to a limit.",
            view=View.TREND,
            signals=(prometheus.SCRAPE_LIMIT_USAGE,),
            limits=above(warning="scrape_limit_ratio"),
            width=6,
        ),
        Panel(
            slug="rule-evaluation-failures",
            title="Failed rule evaluations, top 10",
            description="Failed evaluations in the last 5 minutes, by rule group. The group's alerts cannot fire.",
            view=View.TREND,
            signals=(prometheus.RULE_FAILURES,),
            limits=above(critical=ANY_INCREASE),
            width=6,
        ),
        Panel(
            slug="rule-group-duration",
            title="Rule group duration, top 10",
            description="Last evaluation time relative to the group's interval. Above 100 % evaluations are skipped.",
            view=View.TREND,
            signals=(prometheus.RULE_GROUP_DURATION,),
            limits=above(warning=1),
            width=6,
        ),
        Panel(
            slug="query-duration",
            title="Query duration, 90th percentile",
            description="Query duration in Prometheus, by phase.",
            view=View.TREND,
            signals=(prometheus.QUERY_DURATION,),
            width=6,
        ),
        Panel(
            slug="discovery-failures",
            title="Discovery failures",
            description="Failed requests of service discovery in the last 10 minutes, and configurations that failed.",
            view=View.TREND,
            signals=prometheus.DISCOVERY_FAILURES,
            limits=above(warning=ANY_INCREASE),
            width=6,
        ),
        Panel(
            slug="samples-rejected",
            title="Samples rejected",
            description="Samples in the last 10 minutes with a time that Prometheus rejects, by reason.",
            view=View.TREND,
            signals=prometheus.SAMPLES_REJECTED,
            limits=above(warning=ANY_INCREASE),
            width=6,
        ),
    ),
)

STORAGE: Final = Row(
    title="Prometheus: storage",
    collapsed=True,
    panels=(
        Panel(
            slug="prometheus-storage",
            title="Storage in use",
            description="Stored data relative to the size limit. Beyond the limit, the oldest data is deleted.",
            view=View.TREND,
            signals=(prometheus.STORAGE_USE,),
            limits=above(warning="prometheus_storage_ratio"),
            highest=1,
        ),
        Panel(
            slug="tsdb-failures",
            title="Storage failures",
            description="Failed compactions and block reloads, and damage to the log, in the last 3 hours.",
            view=View.TREND,
            signals=prometheus.STORAGE_FAILURES,
            limits=above(warning=ANY_INCREASE),
        ),
        Panel(
            slug="prometheus-memory",
            title="Prometheus memory",
            description="Resident memory of each replica.",
            view=View.TREND,
            signals=(prometheus.MEMORY,),
        ),
    ),
)

REMOTE_WRITE: Final = Row(
    title="Prometheus: remote storage",
    collapsed=True,
    panels=(
        Panel(
            slug="remote-write-failures",
            title="Samples lost",
            description="Share of samples that a receiver refused for good. No line means that nothing is sent.",
            view=View.TREND,
            signals=(prometheus.REMOTE_WRITE_FAILURES,),
            limits=above(critical="remote_write_failure_ratio"),
            width=8,
        ),
        Panel(
            slug="remote-write-delay",
            title="Remote write delay",
            description="Time between the newest queued sample and the newest sent one.",
            view=View.TREND,
            signals=(prometheus.REMOTE_WRITE_DELAY,),
            limits=above(warning=PartOf("remote_write_delay_seconds", MINUTE)),
            width=8,
        ),
        Panel(
            slug="thanos-upload-delay",
            title="Thanos upload delay",
            description="Time since each replica uploaded a block. No line: none was uploaded since the start.",
            view=View.TREND,
            signals=(prometheus.THANOS_UPLOAD_DELAY,),
            limits=above(warning=PartOf("thanos_upload_delay_seconds", HOUR)),
            width=8,
        ),
    ),
)
