"""Whether the monitoring itself can be relied on."""

from typing import Final

from dashboards.model import ANY, Board, Panel, Row, Variable, View, above, below, states
from dashboards.signals import alertmanager, operator, prometheus

_RELOADED: Final = states(bad="refused", good="loaded")

_PATH: Final = Row(
    title="Is anybody watching",
    panels=(
        Panel(
            slug="watchdog",
            title="Watchdog",
            description="Fires all the time. When it is silent, no alert of this stack can be relied on.",
            view=View.VALUE,
            signals=(prometheus.WATCHDOG,),
            states=states(bad="silent", good="alive"),
            width=6,
            height=5,
        ),
        Panel(
            slug="newest-sample-age",
            title="Age of the newest sample",
            description="Time since the last sample was stored, whichever target it came from.",
            view=View.VALUE,
            signals=(prometheus.NEWEST_SAMPLE_AGE,),
            limits=above(critical="watchdog_freshness_seconds"),
            width=6,
            height=5,
        ),
        Panel(
            slug="firing-alerts",
            title="Firing alerts",
            description="Alerts of severity critical or warning that fire now, all areas.",
            view=View.VALUE,
            signals=(prometheus.FIRING_ALERTS,),
            limits=above(warning=1),
            width=6,
            height=5,
        ),
        Panel(
            slug="alertmanager-up",
            title="Alertmanagers down",
            description="Share of the members of the Alertmanager cluster that do not answer.",
            view=View.VALUE,
            signals=(alertmanager.DOWN,),
            limits=above(critical="alertmanager_down_ratio"),
            highest=1,
            width=6,
            height=5,
        ),
    ),
)

_COLLECTING: Final = Row(
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
            states=_RELOADED,
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

_STORAGE: Final = Row(
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

_DELIVERY: Final = Row(
    title="From Prometheus to Alertmanager",
    panels=(
        Panel(
            slug="alertmanagers-discovered",
            title="Alertmanagers known to Prometheus",
            description="How many Alertmanagers each replica sends its alerts to.",
            view=View.TREND,
            signals=(prometheus.ALERTMANAGERS_DISCOVERED,),
            limits=below(critical=1),
            width=6,
        ),
        Panel(
            slug="alert-delivery-errors",
            title="Alerts not delivered",
            description="Share of the alerts that an Alertmanager did not accept. No line: nothing was sent.",
            view=View.TREND,
            signals=(prometheus.DELIVERY_ERRORS,),
            limits=above(warning="prometheus_send_error_ratio"),
            width=6,
        ),
        Panel(
            slug="notification-queue",
            title="Alerts waiting for delivery",
            description="Filling of the queue towards each Alertmanager. A full one drops the oldest alerts.",
            view=View.TREND,
            signals=(prometheus.NOTIFICATION_QUEUE,),
            limits=above(warning="prometheus_notification_queue_ratio"),
            highest=1,
            width=6,
        ),
        Panel(
            slug="alerts-dropped",
            title="Alerts dropped",
            description="Alerts per second that reached no Alertmanager at all.",
            view=View.TREND,
            signals=(prometheus.NOTIFICATIONS_DROPPED,),
            limits=above(critical=ANY),
            width=6,
        ),
    ),
)

_NOTIFYING: Final = Row(
    title="Alertmanager",
    panels=(
        Panel(
            slug="alertmanager-config-reload",
            title="Configuration of Alertmanager",
            description="Whether the newest configuration is in effect.",
            view=View.STATES,
            signals=(alertmanager.CONFIGURATION_LOADED,),
            states=_RELOADED,
        ),
        Panel(
            slug="alertmanager-config-hash",
            title="Different configurations",
            description="How many different configurations the members of one cluster run.",
            view=View.TREND,
            signals=(alertmanager.CONFIGURATIONS,),
            limits=above(critical=2),
        ),
        Panel(
            slug="alertmanager-members",
            title="Members seen",
            description="How many members each Alertmanager sees, beside how many are running.",
            view=View.TREND,
            signals=(alertmanager.MEMBERS_SEEN, alertmanager.MEMBERS_RUNNING),
        ),
        Panel(
            slug="notification-failures",
            title="Failed notifications",
            description="Share of the notifications that a channel did not accept. No line: nothing was sent.",
            view=View.TREND,
            signals=(alertmanager.NOTIFICATION_FAILURES,),
            limits=above(critical="alertmanager_notification_failure_ratio"),
        ),
        Panel(
            slug="notification-latency",
            title="Duration of notifications, 99th percentile",
            description="How long a channel takes to accept a notification.",
            view=View.TREND,
            signals=(alertmanager.NOTIFICATION_LATENCY,),
        ),
        Panel(
            slug="alertmanager-alerts",
            title="Alerts held",
            description="Alerts by state. Suppressed ones are silenced or inhibited.",
            view=View.TREND,
            signals=(alertmanager.ALERTS,),
            stacked=True,
            width=4,
        ),
        Panel(
            slug="silences",
            title="Silences",
            description="Silences by state.",
            view=View.TREND,
            signals=(alertmanager.SILENCES,),
            width=4,
        ),
    ),
)

_OPERATING: Final = Row(
    title="Prometheus operator",
    panels=(
        Panel(
            slug="operator-ready",
            title="Controllers",
            description="Whether each controller applies changes.",
            view=View.STATES,
            signals=(operator.READY,),
            states=states(bad="not ready", good="ready"),
        ),
        Panel(
            slug="operator-reconcile-errors",
            title="Failed reconciliations",
            description="Share of the attempts to apply an object that failed. No line: nothing was to be applied.",
            view=View.TREND,
            signals=(operator.RECONCILE_ERRORS,),
            limits=above(warning="operator_reconcile_error_ratio"),
        ),
        Panel(
            slug="operator-rejected-resources",
            title="Rejected objects",
            description="Monitors, probes and rules that are left out because they are invalid.",
            view=View.TREND,
            signals=(operator.REJECTED_RESOURCES,),
            limits=above(warning=1),
        ),
    ),
)

BOARD: Final = Board(
    uid="bais-monitoring",
    title="BAIS Monitoring Health",
    description="Whether the monitoring itself can be relied on, from the scrape to the notification.",
    topic="monitoring",
    areas=("monitoring",),
    variables=(Variable(name="namespace", label="Namespace", query="label_values(prometheus_build_info, namespace)"),),
    rows=(_PATH, _COLLECTING, _STORAGE, _DELIVERY, _NOTIFYING, _OPERATING),
)
