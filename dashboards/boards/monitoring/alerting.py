"""Rows of alert delivery and Alertmanager."""

from typing import Final

from dashboards.boards.monitoring.states import RELOADED
from dashboards.model import ANY_INCREASE, Panel, Row, View, above, below
from dashboards.signals import alertmanager, prometheus

DELIVERY: Final = Row(
    title="From Prometheus to Alertmanager",
    collapsed=True,
    panels=(
        Panel(
            slug="alertmanagers-discovered",
            title="Alertmanagers discovered",
            description="Number of Alertmanagers to which each replica sends alerts.",
            view=View.TREND,
            signals=(prometheus.ALERTMANAGERS_DISCOVERED,),
            limits=below(critical=1),
            width=6,
        ),
        Panel(
            slug="alert-delivery-errors",
            title="Alerts not delivered",
            description="Share of alerts that an Alertmanager did not accept. No line means that nothing was sent.",
            view=View.TREND,
            signals=(prometheus.DELIVERY_ERRORS,),
            limits=above(warning="prometheus_send_error_ratio"),
            width=6,
        ),
        Panel(
            slug="notification-queue",
            title="Alerts waiting for delivery",
            description="Share of the queue to each Alertmanager in use. A full queue drops the oldest alerts.",
            view=View.TREND,
            signals=(prometheus.NOTIFICATION_QUEUE,),
            limits=above(warning="prometheus_notification_queue_ratio"),
            highest=1,
            width=6,
        ),
        Panel(
            slug="alerts-dropped",
            title="Alerts dropped",
            description="Alerts per minute that were not delivered to an Alertmanager.",
            view=View.TREND,
            signals=(prometheus.NOTIFICATIONS_DROPPED,),
            limits=above(warning=ANY_INCREASE),
            width=6,
        ),
    ),
)

NOTIFYING: Final = Row(
    title="Alertmanager",
    collapsed=True,
    panels=(
        Panel(
            slug="alertmanager-config-reload",
            title="Alertmanager configuration",
            description="Whether the last configuration reload succeeded.",
            view=View.STATES,
            signals=(alertmanager.CONFIGURATION_LOADED,),
            states=RELOADED,
        ),
        Panel(
            slug="alertmanager-config-hash",
            title="Different configurations",
            description="Number of different configurations that the members of one cluster run.",
            view=View.TREND,
            signals=(alertmanager.CONFIGURATIONS,),
            limits=above(critical=2),
        ),
        Panel(
            slug="alertmanager-members",
            title="Cluster members seen",
            description="Number of members each Alertmanager sees, and the number running.",
            view=View.TREND,
            signals=(alertmanager.MEMBERS_SEEN, alertmanager.MEMBERS_RUNNING),
        ),
        Panel(
            slug="notification-failures",
            title="Failed notifications",
            description="Share of notifications that a channel did not accept. No line means that nothing was sent.",
            view=View.TREND,
            signals=(alertmanager.NOTIFICATION_FAILURES,),
            limits=above(critical="alertmanager_notification_failure_ratio"),
        ),
        Panel(
            slug="notification-latency",
            title="Notification duration, 99th percentile",
            description="Time until a channel accepts a notification.",
            view=View.TREND,
            signals=(alertmanager.NOTIFICATION_LATENCY,),
        ),
        Panel(
            slug="alertmanager-alerts",
            title="Alerts held",
            description="Alerts by state. Suppressed alerts are silenced or inhibited.",
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
