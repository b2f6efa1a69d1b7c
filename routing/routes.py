"""Who hears of which alert: a stack's notifications as an Alertmanager configuration.

Tokens stay out of it. Each is read from a file that the pod mounts from one Secret.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from routing.inhibition import inhibit_rules
from routing.quiet_hours import muted, time_intervals
from routing.receivers import receivers
from routing.templates import GLOB
from settings.notifications import NotificationsSettings


# Alertmanager looks at a group once a group_interval, and repeats it if its last message was sent more than
# repeat_interval ago. That was a moment after it had looked, so a repeat_interval of whole group_intervals is never
# quite over in time and adds one more: hence those just below 5 minutes, 1, 4, 12 and 24 hours in this file.
def alertmanager_configuration(notifications: NotificationsSettings, secret: str) -> dict[str, Any]:
    """The configuration file, as a mapping, for tokens mounted from the named Secret.

    The root route's receiver is no default: a test proves that every label set finds a route before it. Should an alert
    slip through all the same, it pages and shouts as critical ones do, because silence would hide the mistake.
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
        "receivers": receivers(notifications, secret),
        "templates": [GLOB],
    }


def _routes(notifications: NotificationsSettings) -> list[dict[str, Any]]:
    # The switch must hear from us more often than its patience lasts, so this route neither waits nor groups.
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
        # All alerts of a stack have the same one, so that they are one mail.
        daily["group_by"] = ["environment"]
    return [
        watchdog,
        {"receiver": "nobody", "matchers": ['severity="none"']},
        *_business(notifications),
        *_budgets(notifications, daily),
        *_paging("security-critical", ['area="security"', 'severity="critical"'], notifications.pagerduty_teams),
        {"receiver": "security", "matchers": ['area="security"', 'severity="warning"']},
        *_paging("critical", ['severity="critical"'], notifications.pagerduty_teams),
        {
            "receiver": "warning",
            "matchers": ['severity="warning"'],
            "repeat_interval": "11h58m",
            **muted(notifications.quiet_hours, "warnings"),
        },
        {"receiver": "info", "matchers": ['severity="info"'], **daily},
    ]


def _business(notifications: NotificationsSettings) -> list[dict[str, Any]]:
    """The route to the business stakeholders: a mail besides what whoever repairs it gets, so the next ones follow."""
    if not notifications.business_severities:
        return []
    matchers = ['area=~"payments|business"', f'severity=~"{"|".join(notifications.business_severities)}"']
    quiet = muted(notifications.quiet_hours, "business")
    return [{"receiver": "business", "matchers": matchers, "repeat_interval": "11h58m", **quiet, "continue": True}]


def _budgets(notifications: NotificationsSettings, daily: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The route of alerts on an error budget to the daily summary, besides all others that they have."""
    if not notifications.budgets_in_summary:
        return []
    return [{"receiver": "error-budgets", "matchers": ['slo!=""'], **daily, "continue": True}]


def _paging(receiver: str, matchers: Sequence[str], teams: Sequence[str]) -> list[dict[str, Any]]:
    """The routes of a receiver that pages: first those of the teams with a PagerDuty service of their own."""
    to_teams = [{"receiver": f"{receiver}-{team}", "matchers": [*matchers, f'team="{team}"']} for team in teams]
    to_all = {"receiver": receiver, "matchers": list(matchers)}
    return [route | {"repeat_interval": "58m"} for route in (*to_teams, to_all)]
