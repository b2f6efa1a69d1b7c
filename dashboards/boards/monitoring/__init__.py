"""Whether the monitoring itself can be relied on."""

from typing import Final

from dashboards.boards.monitoring.alerting import DELIVERY, NOTIFYING
from dashboards.boards.monitoring.prometheus import COLLECTING, STORAGE
from dashboards.model import Board, Panel, Row, Variable, View, above, states
from dashboards.signals import alertmanager, operator, prometheus

_PATH: Final = Row(
    title="Is anybody watching?",
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
    rows=(_PATH, COLLECTING, STORAGE, DELIVERY, NOTIFYING, _OPERATING),
)
