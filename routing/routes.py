"""Alertmanager configuration of a stack, and its routes.

It contains no credentials: Alertmanager reads them from mounted files.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from catalogue.platform import CATALOGUE_LABEL
from common.durations import format_duration, parse_duration
from routing.inhibition import inhibit_rules
from routing.quiet_hours import mute_time_intervals, time_intervals
from routing.receivers import receivers
from routing.templates import MOUNTED_TEMPLATES, templates_mark
from settings.links import LinksSettings
from settings.notifications import NotificationsSettings

# One group, so one message and one incident, per alert and victim: a node, a server or address, a claim, a namespace's
# service. Hundreds of pods or containers of one namespace are not victims of their own.
GROUP_BY: Final = (
    "environment",
    "cluster",
    "alertname",
    "area",
    "namespace",
    "service",
    "node",
    "instance",
    "persistentvolumeclaim",
)

# Matchers of the alerts of this catalogue, and of all others.
_OWN: Final = f'{CATALOGUE_LABEL[0]}="{CATALOGUE_LABEL[1]}"'
_FOREIGN: Final = f'{CATALOGUE_LABEL[0]}!="{CATALOGUE_LABEL[1]}"'

# Time between two messages about an alert that keeps firing, by the receiver's audience; a multiple of every possible
# group_interval.
_REPEAT_CRITICAL: Final = "1h"
_REPEAT_UNROUTED: Final = "4h"
_REPEAT_WARNING: Final = "12h"


def alertmanager_configuration(notifications: NotificationsSettings, links: LinksSettings) -> dict[str, Any]:
    """Return the configuration file as a mapping.

    The receiver of the root route is for alerts of the catalogue that match no other route; a test proves that none
    does. It handles them as critical alerts and pages, because silence would hide the mistake. Alerts of other rules
    never page: whatever their name and severity, they go where warnings go.
    """
    return {
        "global": {"resolve_timeout": "5m"},
        "route": {
            "receiver": "unrouted",
            "group_by": list(GROUP_BY),
            "group_wait": notifications.group_wait,
            "group_interval": notifications.group_interval,
            "repeat_interval": _repeat_interval(_REPEAT_UNROUTED, notifications),
            "routes": _routes(notifications),
        },
        "time_intervals": time_intervals(notifications.quiet_hours),
        "inhibit_rules": inhibit_rules(notifications.pagerduty_teams),
        "receivers": receivers(notifications, links),
        "templates": [MOUNTED_TEMPLATES, templates_mark()],
    }


def _repeat_interval(period: str, notifications: NotificationsSettings) -> str:
    """Return the repeat_interval that repeats a message once per period.

    Alertmanager checks a group once per group_interval, and repeats its message if the last one was sent more than
    repeat_interval ago. The last one was sent a moment after a check, so a repeat_interval of whole group intervals has
    not quite passed at the check that is due, and the message comes one group interval late. Hence two fifths less.
    """
    margin = parse_duration(notifications.group_interval) * 2 // 5
    return format_duration(parse_duration(period) - margin)


def _routes(notifications: NotificationsSettings) -> list[dict[str, Any]]:
    # The dead man's switch must get the Watchdog every 5 minutes, so this route has no group_wait. As above, its
    # repeat_interval and that of the daily summary are less than a multiple of their own group_interval.
    watchdog = {
        "receiver": "dead-mans-switch" if notifications.dead_mans_switch else "nobody",
        "matchers": ['alertname="Watchdog"', _OWN],
        "group_by": ["environment", "cluster", "alertname"],
        "group_wait": "0s",
        "group_interval": "1m",
        "repeat_interval": "4m30s",
    }
    daily: dict[str, Any] = {"group_wait": "5m", "group_interval": "24h", "repeat_interval": "23h"}
    if notifications.email:
        # All alerts of a stack are sent as a single e-mail.
        daily["group_by"] = ["environment", "cluster"]
    warnings = {
        "receiver": "warning",
        "repeat_interval": _repeat_interval(_REPEAT_WARNING, notifications),
        **mute_time_intervals(notifications.quiet_hours, "warnings"),
    }
    return [
        watchdog,
        {**warnings, "matchers": [_FOREIGN]},
        {"receiver": "nobody", "matchers": ['severity="none"']},
        *_business(notifications),
        *_budgets(notifications, daily),
        *_paging("security-critical", ['area="security"', 'severity="critical"'], notifications),
        {"receiver": "security", "matchers": ['area="security"', 'severity="warning"']},
        *_paging("critical", ['severity="critical"'], notifications),
        {**warnings, "matchers": ['severity="warning"']},
        {"receiver": "info", "matchers": ['severity="info"'], **daily},
    ]


def _business(notifications: NotificationsSettings) -> list[dict[str, Any]]:
    """Return the route to the business stakeholders."""
    # It continues, so that the on-call routes get the alert, too.
    if not notifications.business_severities:
        return []
    return [
        {
            "receiver": "business",
            "matchers": ['area=~"payments|business"', f'severity=~"{"|".join(notifications.business_severities)}"'],
            "repeat_interval": _repeat_interval(_REPEAT_WARNING, notifications),
            **mute_time_intervals(notifications.quiet_hours, "business"),
            "continue": True,
        }
    ]


def _budgets(notifications: NotificationsSettings, daily: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the route of error budget alerts to the daily summary."""
    # It continues, so that the other routes get the alert, too.
    if not notifications.budgets_in_summary:
        return []
    return [{"receiver": "error-budgets", "matchers": ['slo!=""'], **daily, "continue": True}]


def _paging(receiver: str, matchers: Sequence[str], notifications: NotificationsSettings) -> list[dict[str, Any]]:
    """Return the routes of a receiver that pages, those of teams first.

    Teams with their own PagerDuty service have their own route.
    """
    to_teams = [
        {"receiver": f"{receiver}-{team}", "matchers": [*matchers, f'team="{team}"']}
        for team in notifications.pagerduty_teams
    ]
    to_all = {"receiver": receiver, "matchers": list(matchers)}
    repeat_interval = _repeat_interval(_REPEAT_CRITICAL, notifications)
    return [route | {"repeat_interval": repeat_interval} for route in (*to_teams, to_all)]
