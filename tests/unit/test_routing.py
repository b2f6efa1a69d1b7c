import re
from itertools import product
from typing import Any

import pytest

from components.routing import alertmanager_configuration
from components.settings import Email, Notifications, Slack

SLACK = Slack()
EMAIL = Email.model_validate({"from": "m@bais.example", "smarthost": "smtp.example:587", "onCall": "o@bais.example"})
EVERYTHING = Notifications.model_construct(slack=SLACK, pagerduty=True, email=EMAIL, dead_mans_switch=True)
SLACK_ONLY = Notifications.model_construct(slack=SLACK, pagerduty=False, email=None, dead_mans_switch=False)
EMAIL_ONLY = Notifications.model_construct(slack=None, pagerduty=False, email=EMAIL, dead_mans_switch=False)
AREAS = (
    *("api", "payments", "business", "security", "database"),
    *("cache", "infrastructure", "kubernetes", "availability", "monitoring"),
)
SEVERITIES = ("critical", "warning", "info")


def receiver(configuration: dict[str, Any], **labels: str) -> str:
    """The receiver that a route tree of one level gives these labels, as Alertmanager would."""
    for route in configuration["route"]["routes"]:
        assert "continue" not in route
        pairs = [re.fullmatch(r'(\w+)="(\w+)"', matcher) for matcher in route["matchers"]]
        if all(pair and labels.get(pair[1]) == pair[2] for pair in pairs):
            return str(route["receiver"])
    return str(configuration["route"]["receiver"])


def channels(notifications: Notifications, **labels: str) -> set[str]:
    """Where an alert with these labels arrives."""
    configuration = alertmanager_configuration(notifications, "tokens")
    wanted = receiver(configuration, **labels)
    (found,) = (one for one in configuration["receivers"] if one["name"] == wanted)
    return (
        {config["channel"] for config in found.get("slack_configs", [])}
        | {config["to"] for config in found.get("email_configs", [])}
        | {"PagerDuty" for _ in found.get("pagerduty_configs", [])}
        | {"switch" for _ in found.get("webhook_configs", [])}
    )


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"severity": "critical", "area": "api"}, {"PagerDuty", "#bais-critical", "o@bais.example"}),
        ({"severity": "warning", "area": "api"}, {"#bais-alerts"}),
        ({"severity": "critical", "area": "security"}, {"PagerDuty", "#bais-security", "o@bais.example"}),
        ({"severity": "warning", "area": "security"}, {"#bais-security"}),
        ({"severity": "info", "area": "security"}, {"o@bais.example"}),
        ({"severity": "info", "area": "api"}, {"o@bais.example"}),
        ({"severity": "none", "alertname": "Watchdog"}, {"switch"}),
        ({"severity": "none", "alertname": "Other"}, set()),
    ],
)
def test_each_kind_of_alert_arrives_where_it_should(labels: dict[str, str], expected: set[str]) -> None:
    assert channels(EVERYTHING, **labels) == expected


@pytest.mark.parametrize("notifications", [EVERYTHING, SLACK_ONLY, EMAIL_ONLY])
def test_every_alert_of_the_catalogue_reaches_somebody_by_a_route_of_its_own(notifications: Notifications) -> None:
    configuration = alertmanager_configuration(notifications, "tokens")
    for severity, area in product(SEVERITIES, AREAS):
        labels = {"severity": severity, "area": area, "alertname": "Any"}
        assert receiver(configuration, **labels) not in ("unrouted", "nobody")
        assert channels(notifications, **labels)


@pytest.mark.parametrize("notifications", [EVERYTHING, SLACK_ONLY, EMAIL_ONLY])
def test_an_alert_that_slips_through_is_not_silent(notifications: Notifications) -> None:
    assert channels(notifications, severity="unheard-of")


def test_a_stack_that_does_not_page_has_no_trace_of_it() -> None:
    assert "pagerduty" not in repr(alertmanager_configuration(SLACK_ONLY, "tokens"))


def test_the_dead_mans_switch_is_told_every_five_minutes_and_never_resolved() -> None:
    configuration = alertmanager_configuration(EVERYTHING, "tokens")
    first = configuration["route"]["routes"][0]
    assert first["receiver"] == "dead-mans-switch"
    assert (first["group_wait"], first["repeat_interval"]) == ("0s", "5m")
    (switch,) = (one for one in configuration["receivers"] if one["name"] == "dead-mans-switch")
    assert switch["webhook_configs"][0]["send_resolved"] is False


def test_every_receiver_is_routed_to_and_every_route_has_its_receiver() -> None:
    for notifications in (EVERYTHING, SLACK_ONLY, EMAIL_ONLY):
        configuration = alertmanager_configuration(notifications, "tokens")
        route = configuration["route"]
        routed = {route["receiver"], *(each["receiver"] for each in route["routes"]), "nobody"}
        assert routed == {one["name"] for one in configuration["receivers"]}


def test_a_critical_alert_mutes_the_warning_on_the_same_thing_only() -> None:
    (rule,) = alertmanager_configuration(EVERYTHING, "tokens")["inhibit_rules"]
    assert rule["source_matchers"] == ['severity="critical"']
    assert rule["target_matchers"] == ['severity="warning"']
    assert {"area", "service", "instance"} <= set(rule["equal"])


def test_every_token_is_read_from_the_mounted_secret() -> None:
    text = repr(alertmanager_configuration(EVERYTHING, "tokens"))
    assert set(re.findall(r"/etc/alertmanager/secrets/[\w./-]+", text)) == {
        "/etc/alertmanager/secrets/tokens/slack-webhook-url",
        "/etc/alertmanager/secrets/tokens/pagerduty-routing-key",
        "/etc/alertmanager/secrets/tokens/smtp-password",
        "/etc/alertmanager/secrets/tokens/dead-mans-switch-url",
    }
    assert not re.search(r"'(api_url|routing_key|auth_password|url)':", text)
