import re
from itertools import product
from typing import Any, Final

import pytest

from catalogue.model import AREAS
from common.durations import parse_duration
from routing.quiet_hours import time_intervals
from routing.routes import GROUP_BY, alertmanager_configuration
from settings.links import LinksSettings
from settings.notifications import EmailSettings, NotificationsSettings, QuietHours, SlackSettings

LINKS: Final = LinksSettings(
    runbooks="https://runbooks.example", grafana="https://grafana.example", alertmanager="https://alerts.example"
)
SLACK: Final = SlackSettings()
MAIL_SERVER: Final = {"from": "m@bais.example", "smarthost": "smtp.example:587", "onCall": "o@bais.example"}
MAILBOXES: Final = {"security": "s@bais.example", "business": "b@bais.example", "management": "d@bais.example"}
EMAIL: Final = EmailSettings.model_validate(MAIL_SERVER | MAILBOXES)
EVERYTHING: Final = NotificationsSettings.model_construct(
    slack=SLACK, pagerduty=True, email=EMAIL, dead_mans_switch=True
)
SLACK_ONLY: Final = NotificationsSettings.model_construct(
    slack=SLACK, pagerduty=False, email=None, dead_mans_switch=False
)
EMAIL_ONLY: Final = NotificationsSettings.model_construct(
    slack=None, pagerduty=False, email=EMAIL, dead_mans_switch=False
)
ONE_MAILBOX: Final = EVERYTHING.model_copy(update={"email": EmailSettings.model_validate(MAIL_SERVER)})
ONE_MAILBOX_ONLY: Final = EMAIL_ONLY.model_copy(update={"email": EmailSettings.model_validate(MAIL_SERVER)})
EVERY_KIND: Final = (EVERYTHING, SLACK_ONLY, EMAIL_ONLY, ONE_MAILBOX, ONE_MAILBOX_ONLY)
BY_BOT: Final = EVERYTHING.model_copy(update={"slack": SlackSettings.model_validate({"botToken": True})})
TEAMS: Final = EVERYTHING.model_copy(update={"pagerduty_teams": ("data", "data-science")})
CRITICAL: Final = {"PagerDuty", "#bais-critical", "o@bais.example"}
SEVERITIES: Final = ("critical", "warning", "info")


def matches(matcher: str, labels: dict[str, str]) -> bool:
    """Return whether a matcher of Alertmanager matches these labels."""
    parts = re.fullmatch(r'(\w+)(=~|!=|=)"([^"]*)"', matcher)
    assert parts
    value = labels.get(parts[1], "")
    return bool(re.fullmatch(parts[3], value)) if parts[2] == "=~" else (value == parts[3]) == (parts[2] == "=")


def receivers(configuration: dict[str, Any], **given: str) -> list[str]:
    """Return the receivers that a route tree of one level selects for an alert of the catalogue with these labels."""
    found = []
    labels = {"catalogue": "bais", **given}
    for route in configuration["route"]["routes"]:
        if all(matches(matcher, labels) for matcher in route["matchers"]):
            found.append(str(route["receiver"]))
            if not route.get("continue"):
                return found
    return found or [str(configuration["route"]["receiver"])]


def addresses(configuration: dict[str, Any], name: str) -> list[str]:
    """Return the addresses that a receiver sends to."""
    (found,) = (receiver for receiver in configuration["receivers"] if receiver["name"] == name)
    return [
        *(config["channel"] for config in found.get("slack_configs", [])),
        *(config["to"] for config in found.get("email_configs", [])),
        *("PagerDuty" for _ in found.get("pagerduty_configs", [])),
        *("switch" for _ in found.get("webhook_configs", [])),
    ]


def channels(notifications: NotificationsSettings, **labels: str) -> set[str]:
    """Return the addresses that an alert with these labels is sent to."""
    configuration = alertmanager_configuration(notifications, LINKS)
    found = [address for name in receivers(configuration, **labels) for address in addresses(configuration, name)]
    assert len(found) == len(set(found)), "sent to an address twice"
    return set(found)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"severity": "critical", "area": "api"}, CRITICAL),
        ({"severity": "warning", "area": "api"}, {"#bais-alerts"}),
        ({"severity": "critical", "area": "security"}, {"PagerDuty", "#bais-security", "s@bais.example"}),
        ({"severity": "warning", "area": "security"}, {"#bais-security", "s@bais.example"}),
        (
            {"severity": "critical", "area": "payments"},
            {"PagerDuty", "#bais-critical", "o@bais.example", "b@bais.example"},
        ),
        ({"severity": "warning", "area": "payments"}, {"#bais-alerts", "b@bais.example"}),
        (
            {"severity": "critical", "area": "business"},
            {"PagerDuty", "#bais-critical", "o@bais.example", "b@bais.example"},
        ),
        ({"severity": "warning", "area": "business"}, {"#bais-alerts", "b@bais.example"}),
        ({"severity": "critical", "area": "api", "slo": "errors"}, CRITICAL | {"d@bais.example"}),
        ({"severity": "warning", "area": "api", "slo": "errors"}, {"#bais-alerts", "d@bais.example"}),
        ({"severity": "info", "area": "business"}, {"d@bais.example"}),
        ({"severity": "info", "area": "security"}, {"d@bais.example"}),
        ({"severity": "info", "area": "api"}, {"d@bais.example"}),
        ({"severity": "none", "alertname": "Watchdog"}, {"switch"}),
        ({"severity": "none", "alertname": "Other"}, set()),
    ],
)
def test_alerts_are_routed_by_severity_and_area(labels: dict[str, str], expected: set[str]) -> None:
    assert channels(EVERYTHING, **labels) == expected


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"severity": "critical", "area": "security"}, {"PagerDuty", "#bais-security", "o@bais.example"}),
        ({"severity": "warning", "area": "security"}, {"#bais-security", "o@bais.example"}),
        ({"severity": "critical", "area": "payments"}, {"PagerDuty", "#bais-critical", "o@bais.example"}),
        ({"severity": "warning", "area": "payments"}, {"#bais-alerts", "o@bais.example"}),
        ({"severity": "warning", "area": "api", "slo": "errors"}, {"#bais-alerts"}),
        ({"severity": "info", "area": "api"}, {"o@bais.example"}),
    ],
)
def test_without_other_mailboxes_mail_goes_to_on_call_once(labels: dict[str, str], expected: set[str]) -> None:
    assert channels(ONE_MAILBOX, **labels) == expected


@pytest.mark.parametrize("notifications", EVERY_KIND)
def test_every_alert_of_the_catalogue_matches_a_route_with_a_channel(
    notifications: NotificationsSettings,
) -> None:
    configuration = alertmanager_configuration(notifications, LINKS)
    for severity, area in product(SEVERITIES, AREAS):
        labels = {"severity": severity, "area": area, "alertname": "Any"}
        assert not {"unrouted", "nobody"} & set(receivers(configuration, **labels))
        assert channels(notifications, **labels)


@pytest.mark.parametrize("notifications", EVERY_KIND)
def test_an_alert_without_a_route_is_still_sent(notifications: NotificationsSettings) -> None:
    assert channels(notifications, severity="unknown")


@pytest.mark.parametrize("labels", [{"alertname": "Watchdog", "severity": "none"}, {"severity": "critical"}, {}])
def test_alerts_of_other_rules_are_warnings_whatever_their_name_and_severity(labels: dict[str, str]) -> None:
    assert channels(EVERYTHING, catalogue="", **labels) == {"#bais-alerts"}


def test_a_group_has_the_labels_of_one_victim() -> None:
    assert GROUP_BY[:3] == ("environment", "cluster", "alertname")
    assert {"node", "instance", "persistentvolumeclaim", "namespace", "service"} <= set(GROUP_BY)
    routes = alertmanager_configuration(EVERYTHING, LINKS)["route"]["routes"]
    assert all({"environment", "cluster"} <= set(route.get("group_by", GROUP_BY)) for route in routes)


def test_without_pagerduty_the_configuration_does_not_mention_it() -> None:
    assert "pagerduty" not in repr(alertmanager_configuration(SLACK_ONLY, LINKS))


def test_group_wait_is_that_of_the_settings_except_for_the_switch_and_the_summary() -> None:
    configuration = alertmanager_configuration(EVERYTHING.model_copy(update={"group_wait": "7s"}), LINKS)
    assert configuration["route"]["group_wait"] == "7s"
    waits = {route["receiver"]: route.get("group_wait") for route in configuration["route"]["routes"]}
    assert {receiver for receiver, wait in waits.items() if wait} == {"dead-mans-switch", "error-budgets", "info"}


def test_the_dead_mans_switch_is_notified_every_five_minutes_and_never_resolved() -> None:
    configuration = alertmanager_configuration(EVERYTHING, LINKS)
    first = configuration["route"]["routes"][0]
    assert first["receiver"] == "dead-mans-switch"
    assert first["group_wait"] == "0s"
    # The test of repetitions proves that it is sent every five minutes, not every six.
    assert parse_duration(first["repeat_interval"]) < 300
    (switch,) = (one for one in configuration["receivers"] if one["name"] == "dead-mans-switch")
    assert switch["webhook_configs"][0]["send_resolved"] is False


def test_every_receiver_has_a_route_and_every_route_a_receiver() -> None:
    for notifications in (*EVERY_KIND, BY_BOT, TEAMS):
        configuration = alertmanager_configuration(notifications, LINKS)
        route = configuration["route"]
        routed = {route["receiver"], *(each["receiver"] for each in route["routes"]), "nobody"}
        assert routed == {one["name"] for one in configuration["receivers"]}


@pytest.mark.parametrize("group_interval", ["5s", "40s", "1m", "5m", "10m"])
def test_a_message_is_repeated_when_it_is_due_and_not_one_group_interval_later(group_interval: str) -> None:
    root = alertmanager_configuration(EVERYTHING.model_copy(update={"group_interval": group_interval}), LINKS)["route"]
    assert root["group_interval"] == group_interval
    due = {}
    for route in (root, *root["routes"]):
        checked_every = parse_duration(route.get("group_interval", root["group_interval"]))
        repeat = parse_duration(route.get("repeat_interval", root["repeat_interval"]))
        # A message is sent some time after its group was checked; half a minute is more than enough.
        delay = min(30, checked_every * 2 // 5) if checked_every == parse_duration(group_interval) else 30
        assert 0 < repeat % checked_every <= checked_every - delay, route["receiver"]
        due[route["receiver"]] = (repeat // checked_every + 1) * checked_every
    expected = {"dead-mans-switch": "5m", "critical": "1h", "warning": "12h", "info": "24h", "unrouted": "4h"}
    assert {receiver: due[receiver] for receiver in expected} == {
        name: parse_duration(text) for name, text in expected.items()
    }


def test_each_slack_channel_has_its_own_webhook() -> None:
    receivers = alertmanager_configuration(EVERYTHING, LINKS)["receivers"]
    found = {
        (config["channel"], config["api_url_file"].rsplit("/", 1)[-1])
        for receiver in receivers
        for config in receiver.get("slack_configs", [])
    }
    assert found == {
        ("#bais-critical", "slack-critical-webhook-url"),
        ("#bais-alerts", "slack-warning-webhook-url"),
        ("#bais-security", "slack-security-webhook-url"),
    }


def test_a_bot_posts_to_every_channel_with_one_token() -> None:
    receivers = alertmanager_configuration(BY_BOT, LINKS)["receivers"]
    found = [config for receiver in receivers for config in receiver.get("slack_configs", [])]
    assert {config["channel"] for config in found} == {"#bais-critical", "#bais-alerts", "#bais-security"}
    assert {config["app_token_file"] for config in found} == {
        "/etc/alertmanager/secrets/alertmanager-tokens/slack-bot-token"
    }
    # Alertmanager accepts only one of the two.
    assert not any("api_url_file" in config for config in found)


@pytest.mark.parametrize(
    ("labels", "key"),
    [
        ({"team": "data", "area": "api"}, "pagerduty-routing-key-data"),
        ({"team": "data-science", "area": "api"}, "pagerduty-routing-key-data-science"),
        ({"team": "data", "area": "security"}, "pagerduty-routing-key-data"),
        ({"team": "platform", "area": "api"}, "pagerduty-routing-key"),
        ({"area": "security"}, "pagerduty-routing-key"),
    ],
)
def test_only_the_team_with_its_own_pagerduty_service_is_paged(labels: dict[str, str], key: str) -> None:
    configuration = alertmanager_configuration(TEAMS, LINKS)
    (name,) = receivers(configuration, severity="critical", **labels)
    (found,) = (receiver for receiver in configuration["receivers"] if receiver["name"] == name)
    assert [config["routing_key_file"] for config in found["pagerduty_configs"]] == [
        f"/etc/alertmanager/secrets/alertmanager-tokens/{key}"
    ]


@pytest.mark.parametrize("area", ["api", "security"])
def test_other_receivers_of_critical_alerts_are_the_same_for_every_team(area: str) -> None:
    assert channels(TEAMS, severity="critical", area=area, team="data") == channels(
        EVERYTHING, severity="critical", area=area
    )


def test_warnings_are_routed_the_same_for_every_team() -> None:
    assert channels(TEAMS, severity="warning", area="api", team="data") == {"#bais-alerts"}


def test_every_token_is_read_from_the_mounted_secret() -> None:
    text = repr(alertmanager_configuration(EVERYTHING, LINKS))
    assert set(re.findall(r"/etc/alertmanager/secrets/[\w./-]+", text)) == {
        "/etc/alertmanager/secrets/alertmanager-tokens/slack-critical-webhook-url",
        "/etc/alertmanager/secrets/alertmanager-tokens/slack-warning-webhook-url",
        "/etc/alertmanager/secrets/alertmanager-tokens/slack-security-webhook-url",
        "/etc/alertmanager/secrets/alertmanager-tokens/pagerduty-routing-key",
        "/etc/alertmanager/secrets/alertmanager-tokens/smtp-password",
        "/etc/alertmanager/secrets/alertmanager-tokens/dead-mans-switch-url",
    }
    assert not re.search(r"'(api_url|app_token|routing_key|auth_password|auth_secret)':", text)
    assert "'webhook_configs': [{'url_file':" in text


def muted_routes(configuration: dict[str, Any]) -> dict[str, list[str]]:
    return {
        route["receiver"]: route["mute_time_intervals"]
        for route in configuration["route"]["routes"]
        if "mute_time_intervals" in route
    }


@pytest.mark.parametrize(
    ("quiet", "routes"),
    [
        ({"warnings": True}, {"warning"}),
        ({"business": True}, {"business"}),
        ({"warnings": True, "business": True}, {"warning", "business"}),
    ],
)
def test_quiet_hours_mute_only_the_routes_in_the_settings(quiet: dict[str, bool], routes: set[str]) -> None:
    hours = QuietHours.model_validate({"begin": "19:00", "end": "07:00", **quiet})
    configuration = alertmanager_configuration(EVERYTHING.model_copy(update={"quiet_hours": hours}), LINKS)
    assert muted_routes(configuration) == {route: ["quiet-hours"] for route in routes}
    assert muted_routes(alertmanager_configuration(EVERYTHING, LINKS)) == {}


@pytest.mark.parametrize(
    ("begin", "end", "ranges"),
    [
        ("09:00", "17:00", [("09:00", "17:00")]),
        ("19:00", "07:00", [("19:00", "24:00"), ("00:00", "07:00")]),
        ("19:00", "00:00", [("19:00", "24:00")]),
    ],
)
def test_quiet_hours_can_span_midnight(begin: str, end: str, ranges: list[tuple[str, str]]) -> None:
    given = {"begin": begin, "end": end, "timezone": "Europe/Berlin", "warnings": True}
    (found,) = time_intervals(QuietHours.model_validate(given))
    hours, weekend = found["time_intervals"]
    assert [(each["start_time"], each["end_time"]) for each in hours["times"]] == ranges
    assert weekend["weekdays"] == ["saturday", "sunday"]
    assert hours["location"] == weekend["location"] == "Europe/Berlin"
    assert len(time_intervals(QuietHours.model_validate(given | {"weekends": False}))[0]["time_intervals"]) == 1


def linked(configuration: dict[str, Any]) -> dict[str, set[str]]:
    """Return the texts of the links in Slack and PagerDuty."""
    slack = [each for receiver in configuration["receivers"] for each in receiver.get("slack_configs", [])]
    pagerduty = [each for receiver in configuration["receivers"] for each in receiver.get("pagerduty_configs", [])]
    return {
        "slack": {button["text"] for each in slack for button in each["actions"]},
        "pagerduty": {link["text"] for each in pagerduty for link in each["links"]},
    }


def test_messages_link_to_the_form_for_silences() -> None:
    every = {"Runbook", "Dashboard", "Silence"}
    assert linked(alertmanager_configuration(EVERYTHING, LINKS)) == {"slack": every, "pagerduty": every}


def test_messages_have_no_link_to_an_alertmanager_that_can_only_be_opened_inside_the_cluster() -> None:
    unlinked = LINKS.model_copy(update={"alertmanager": None})
    every = {"Runbook", "Dashboard"}
    assert linked(alertmanager_configuration(EVERYTHING, unlinked)) == {"slack": every, "pagerduty": every}
