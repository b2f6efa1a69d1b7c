"""Notifications that an Alertmanager has sent, by its own metrics."""

from collections.abc import Mapping
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

# Name of a receiver and kind of a channel, such as `slack`.
Channel = tuple[str, str]

# Label with the name of the receiver, which Alertmanager adds with the feature `receiver-name-in-metrics`.
RECEIVER: Final = "receiver_name"
_REQUESTS: Final = "alertmanager_notification_requests_total"
_FAILED_REQUESTS: Final = "alertmanager_notification_requests_failed_total"


def delivered_notifications(metrics: str) -> Mapping[Channel, float]:
    """Return the delivered notifications per channel since the last reload.

    These are successful requests: Alertmanager counts a notification before it sends the first of them.
    """
    return _totals(metrics, {_REQUESTS: 1, _FAILED_REQUESTS: -1})


def failed_requests(metrics: str) -> Mapping[Channel, float]:
    """Return the failed requests per channel since the last reload; Alertmanager repeats most of them."""
    return _totals(metrics, {_FAILED_REQUESTS: 1})


def _totals(metrics: str, signs: Mapping[str, int]) -> dict[Channel, float]:
    totals: dict[Channel, float] = {}
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            if sample.name in signs and RECEIVER in sample.labels:
                channel = (sample.labels[RECEIVER], sample.labels["integration"])
                totals[channel] = totals.get(channel, 0) + signs[sample.name] * sample.value
    return totals
