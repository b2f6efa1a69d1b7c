"""Alertmanager's configuration for a stack's notifications: routes, receivers, inhibition, quiet hours.

It holds no credential: Alertmanager reads each from a file that its pod mounts.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from routing.inhibition import inhibit_rules
from routing.quiet_hours import muted, time_intervals
from routing.receivers import receivers
from routing.templates import GLOB
from settings.notifications import NotificationsSettings


# Alertmanager checks a group once per group_interval, and repeats its message if the last one was sent more than
# repeat_interval ago. The last one was sent a moment after a check, so a repeat_interval of whole group intervals has
# not quite passed at the check that is due, and the message comes one group interval late: hence those just below
# 5 minutes, 1, 4, 12 and 24 hours in this file.
def alertmanager_configuration(notifications: NotificationsSettings) -> dict[str, Any]:
    """Return the configuration file as a mapping.

    The root route's receiver is not a default: a test proves that every label set matches a route before it. An alert
    that reaches it all the same pages and is sent as a critical one, because silence would hide the mistake.
    """
    return {
        "global": {"resolve_timeout": "5m"},
        "route": {
            "receiver": "unrouted",
            "group_by": ["alertname", "area", "service"],
            "group_wait": notifications.group_wait,
            "group_interval": "5m",
            "repeat_interval": "3h58m",
            "routes": _routes(notifications),
        },
        "time_intervals": time_intervals(notifications.quiet_hours),
        "inhibit_rules": inhibit_rules(),
        "receivers": receivers(notifications),
        "templates": [GLOB],
    }


def _routes(notifications: NotificationsSettings) -> list[dict[str, Any]]:
    # The switch must get the Watchdog every 5 minutes, so this route neither waits nor groups.
    watchdog = {
        "receiver": "dead-mans-switch" if notifications.dead_mans_switch else "nobody",
        "matchers": ['alertname="Watchdog"'],
        "group_by": ["alertname"],
        "group_wait": "0s",
        "group_interval": "1m",
        "repeat_interval": "4m30s",
    }
    daily: dict[str, Any] = {"group_wait": "5m", "group_interval": "24h", "repeat_interval": "23h"}
    if notifications.email:
        # All alerts of a stack have the same environment, so they are one mail.
        daily["group_by"] = ["environment"]
    return [
        watchdog,
        {"receiver": "nobody", "matchers": ['severity="none"']},
        *_business(notifications),
        *_budgets(notifications, daily),
        *_paging("security-critical", ['area="security"', 'severity="critical"'], notifications),
        {"receiver": "security", "matchers": ['area="security"', 'severity="warning"']},
        *_paging("critical", ['severity="critical"'], notifications),
        {
            "receiver": "warning",
            "matchers": ['severity="warning"'],
            "repeat_interval": "11h58m",
            **muted(notifications.quiet_hours, "warnings"),
        },
        {"receiver": "info", "matchers": ['severity="info"'], **daily},
    ]


def _business(notifications: NotificationsSettings) -> list[dict[str, Any]]:
    """Return the route to the business stakeholders; it continues, so the on-call routes get the alert too."""
    if not notifications.business_severities:
        return []
    return [
        {
            "receiver": "business",
            "matchers": ['area=~"payments|business"', f'severity=~"{"|".join(notifications.business_severities)}"'],
            "repeat_interval": "11h58m",
            **muted(notifications.quiet_hours, "business"),
            "continue": True,
        }
    ]


def _budgets(notifications: NotificationsSettings, daily: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the route of error budget alerts to the daily summary; it continues to their other routes."""
    if not notifications.budgets_in_summary:
        return []
    return [{"receiver": "error-budgets", "matchers": ['slo!=""'], **daily, "continue": True}]


def _paging(receiver: str, matchers: Sequence[str], notifications: NotificationsSettings) -> list[dict[str, Any]]:
    """Return the routes of a receiver that pages: first those of teams with their own PagerDuty service."""
    to_teams = [
        {"receiver": f"{receiver}-{team}", "matchers": [*matchers, f'team="{team}"']}
        for team in notifications.pagerduty_teams
    ]
    to_all = {"receiver": receiver, "matchers": list(matchers)}
    return [route | {"repeat_interval": "58m"} for route in (*to_teams, to_all)]
