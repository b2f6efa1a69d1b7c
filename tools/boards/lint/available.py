"""Metrics and alert limits of the catalogue, for the lint."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from catalogue.panel_links import link_parts, panel_id
from dashboards.model import Color
from tools.boards.available_metrics import available_metrics as metrics
from tools.boards.lint.model import AlertLimit, Available
from tools.boards.rendered_boards import CATALOGUE, TUNABLES

_COLORS: Final = {"critical": Color.CRITICAL, "none": Color.CRITICAL}

_TOO_LITTLE: Final = "the alert is not evaluated below it; the panel shows its value regardless"
_TIMES_USUAL: Final = "a multiple of the usual value, which the panel shows next to the current one"
_WITHOUT_HISTORY: Final = "replaces the usual value while there is no history"
_OTHERS: Final = "the share of other events above which a single one does not page"
# Tunables of an alert that its panel cannot show as a limit, each with the reason.
NOT_SHOWN: Final[Mapping[str, str]] = {
    "active_session_minimum": _TOO_LITTLE,
    "admin_action_assumed_count": _WITHOUT_HISTORY,
    "admin_action_growth": _TIMES_USUAL,
    "api_client_error_assumed_ratio": _WITHOUT_HISTORY,
    "api_client_error_growth": _TIMES_USUAL,
    "api_compared_request_rate": _TOO_LITTLE,
    "api_minimum_request_rate": _TOO_LITTLE,
    "api_route_minimum_request_rate": _TOO_LITTLE,
    "api_server_minimum_rate": _TOO_LITTLE,
    "client_certificate_days": "the panel counts the requests, not the days",
    "client_certificate_short_lived_hours": "the panel counts the requests, not the hours",
    "cluster_dns_error_ratio": "the panel shows the number of responses by code",
    "cluster_dns_minimum_rate": _TOO_LITTLE,
    "cronjob_late_hours": "relative to the schedule of each CronJob",
    "cronjob_missed_runs": "relative to the schedule of each CronJob",
    "denied_request_assumed_ratio": _WITHOUT_HISTORY,
    "denied_request_growth": _TIMES_USUAL,
    "engagement_minimum_users": _TOO_LITTLE,
    "node_disk_prediction_days": "how far ahead the alert looks; the panel shows the free space now",
    "node_disk_prediction_ratio": "below it the alert looks ahead; the panel shows the free space now",
    "node_network_minimum_rate": _TOO_LITTLE,
    "payment_decline_assumed_ratio": _WITHOUT_HISTORY,
    "payment_decline_growth": _TIMES_USUAL,
    "payment_minimum_count": _TOO_LITTLE,
    "payment_prompt_ratio": _OTHERS,
    "payment_volume_growth": _TIMES_USUAL,
    "postgres_blocks_minimum_rate": _TOO_LITTLE,
    "postgres_single_statement_minimum_rate": _TOO_LITTLE,
    "postgres_statements_minimum_rate": _TOO_LITTLE,
    "postgres_transactions_minimum_rate": _TOO_LITTLE,
    "quota_minimum_objects": "below it a quota is not evaluated",
    "rate_limit_minimum_request_rate": _TOO_LITTLE,
    "redis_commands_minimum_rate": _TOO_LITTLE,
    "redis_lookups_minimum_rate": _TOO_LITTLE,
    "registration_minimum_count": _TOO_LITTLE,
    "sign_in_compared_rate": _TOO_LITTLE,
    "sign_in_failure_assumed_ratio": _WITHOUT_HISTORY,
    "sign_in_failure_growth": _TIMES_USUAL,
    "sign_in_minimum_rate": _TOO_LITTLE,
    "suspicious_event_assumed_count": _WITHOUT_HISTORY,
    "suspicious_event_growth": _TIMES_USUAL,
    "volume_prediction_days": "how far ahead the alert looks; the panel shows the free space now",
    "webhook_delivered_ratio": _OTHERS,
    "webhook_minimum_count": _TOO_LITTLE,
    "worker_minimum_jobs": _TOO_LITTLE,
}


def available_from_catalogue() -> Available:
    """Return the metrics and alert limits of the catalogue's defaults."""
    limits: dict[tuple[str, int], list[AlertLimit]] = defaultdict(list)
    opened: dict[tuple[str, int], list[str]] = defaultdict(list)
    for name, alert in CATALOGUE.alerts.items():
        uid, slug = link_parts(alert.annotations["dashboard_url"])
        opened[uid, panel_id(slug)].append(name)
        color = _COLORS.get(alert.severity, Color.WARNING)
        limits[uid, panel_id(slug)] += (
            AlertLimit(name, tunable, TUNABLES[tunable], color)
            for tunable in alert.tunables
            if tunable not in NOT_SHOWN
        )
    return Available(frozenset(metrics()), opened, limits)
