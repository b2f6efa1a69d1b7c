"""The platform that the settings of a stack name."""

from datetime import UTC, datetime

import pytest

from catalogue.platform import ExcludedDays
from manifests.platform import monitored_platform
from settings.loader import RawConfig, build_settings, load_sections

VALUES = {
    "environment": "local",
    "cluster": {"name": "bais"},
    "namespace": "monitoring",
    "links": {"runbooks": "https://git.example.com", "grafana": "https://grafana.example.com"},
    "notifications": {"slack": {}},
}
SECRETS = frozenset({"slackCriticalWebhookUrl", "slackWarningWebhookUrl", "slackSecurityWebhookUrl"})


def excluded_days(calendar: list[dict[str, str]]) -> tuple[ExcludedDays, ...]:
    values = {**VALUES, "alerts": {"calendar": calendar}}
    loaded = load_sections(RawConfig(stack="local", values=values, secrets=SECRETS))
    assert loaded.problems == ()
    return monitored_platform(build_settings(loaded)).excluded_days


@pytest.mark.parametrize(
    ("day", "begin", "end"),
    [
        ({"date": "2026-12-25"}, "2026-12-25T00:00", "2026-12-26T00:00"),
        ({"date": "2026-12-24", "until": "2026-12-26"}, "2026-12-24T00:00", "2026-12-27T00:00"),
        ({"date": "2026-12-25", "timezone": "Europe/Berlin"}, "2026-12-24T23:00", "2026-12-25T23:00"),
        # 25 hours, because summer time ends.
        ({"date": "2026-10-25", "timezone": "Europe/Berlin"}, "2026-10-24T22:00", "2026-10-25T23:00"),
    ],
)
def test_an_excluded_day_lasts_from_midnight_to_midnight_in_its_time_zone(
    day: dict[str, str], begin: str, end: str
) -> None:
    expected = (int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) for text in (begin, end))
    assert excluded_days([day]) == (ExcludedDays(begin=next(expected), end=next(expected)),)


def test_a_stack_without_a_calendar_has_no_excluded_days() -> None:
    assert excluded_days([]) == ()
