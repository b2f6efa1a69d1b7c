"""Monitoring dashboard: health of the monitoring stack itself."""

from typing import Final

from dashboards.boards.monitoring.alerting import DELIVERY, NOTIFYING
from dashboards.boards.monitoring.prometheus import COLLECTING, REMOTE_WRITE, STORAGE
from dashboards.model import Board, Panel, PartOf, Row, Variable, View, above, states
from dashboards.signals import alertmanager, operator, prometheus
from dashboards.units import MINUTE

_PATH: Final = Row(
    title="Monitoring health",
    panels=(
        Panel(
            slug="watchdog",
            title="Watchdog",
            description="An alert that always fires. When it does not, no alert of this stack is reliable.",
            view=View.VALUE,
            signals=(prometheus.WATCHDOG,),
            states=states(bad="not firing", good="firing"),
            width=6,
            height=7,
            valid_when_stale=True,
        ),
        Panel(
            slug="newest-sample-age",
            title="Age of the newest sample",
            description="Time since the last sample of any target was stored. No line: more than six hours, or never.",
            view=View.TREND,
            signals=(prometheus.NEWEST_SAMPLE_AGE,),
            limits=above(critical=PartOf("watchdog_freshness_seconds", MINUTE)),
            width=6,
            height=7,
        ),
        Panel(
            slug="firing-alerts",
            title="Firing alerts, all areas",
            description="Firing alerts of severity critical or warning. Unknown while the monitoring does not work.",
            view=View.VALUE,
            signals=(prometheus.FIRING_ALERTS,),
            limits=above(warning=1),
            width=6,
            height=7,
            valid_when_stale=True,
        ),
        Panel(
            slug="alertmanager-up",
            title="Alertmanagers down",
            description="Share of the members of the Alertmanager cluster that are down.",
            view=View.TREND,
            signals=(alertmanager.DOWN,),
            limits=above(critical="alertmanager_down_ratio"),
            highest=1,
            width=6,
            height=7,
        ),
    ),
)

_OPERATING: Final = Row(
    title="Prometheus operator",
    collapsed=True,
    panels=(
        Panel(
            slug="operator-ready",
            title="Controllers",
            description="Whether each controller is ready to apply changes.",
            view=View.STATES,
            signals=(operator.READY,),
            states=states(bad="not ready", good="ready"),
        ),
        Panel(
            slug="operator-reconcile-errors",
            title="Failed reconciliations",
            description="Share of reconciliations that failed. No line means that nothing was reconciled.",
            view=View.TREND,
            signals=(operator.RECONCILE_ERRORS,),
            limits=above(warning="operator_reconcile_error_ratio"),
        ),
        Panel(
            slug="operator-rejected-resources",
            title="Rejected objects",
            description="Invalid monitors, probes and rules that the operator ignores.",
            view=View.TREND,
            signals=(operator.REJECTED_RESOURCES,),
            limits=above(warning=1),
        ),
    ),
)

BOARD: Final = Board(
    uid="bais-monitoring",
    title="BAIS Monitoring Health",
    description="Health of the monitoring stack itself, from scrape to notification.",
    topic="monitoring",
    areas=("monitoring",),
    variables=(Variable(name="namespace", label="Namespace", query="label_values(prometheus_build_info, namespace)"),),
    rows=(_PATH, COLLECTING, STORAGE, REMOTE_WRITE, DELIVERY, NOTIFYING, _OPERATING),
)
