import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from catalogue.loader import load
from common.durations import parse_duration
from routing.routes import alertmanager_configuration
from settings import loader
from settings.fields import LONGEST_INTERVAL, SHORTEST_RETENTION
from settings.loader import LoadResult, RawConfig, problem_report
from settings.notifications import NotificationsSettings
from settings.stack import StackSettings

SLACK_SECRETS = frozenset({"slackCriticalWebhookUrl", "slackWarningWebhookUrl", "slackSecurityWebhookUrl"})
ALL_SECRETS = SLACK_SECRETS | {"pagerdutyRoutingKey", "smtpPassword", "deadMansSwitchUrl"}
RETENTION = "a Prometheus duration from 1d to 10y, such as 30d"
VOLUME = "a Kubernetes quantity of bytes from 1Gi to 64Ti, such as 50Gi"
BYTES = "a Kubernetes quantity of bytes from 1Mi to 64Ti, such as 50Gi"
CORES = "CPU cores above zero and up to 256, such as 500m or 2"
INTERVAL = "a Prometheus duration from 5s to 1m, because alerts need 4 samples in 5m"
GROUP_INTERVAL = "a Prometheus duration from 5s to 10m that divides 1h evenly, such as 40s or 5m"
ADDRESS = (
    "an http or https URL that people can open, without user, query, fragment, $ or ;, and not of a Service (*.svc)"
)
TEXT = 'a single line of at most 1024 characters without $, """, {{ and %('
CHANNELS: dict[str, object] = {"slack": {}}


def values(**changes: object) -> dict[str, object]:
    """Return the required values of a stack, with changes."""
    required: dict[str, object] = {
        "environment": "prod",
        "cluster": {"name": "bais-prod"},
        "namespace": "monitoring",
        "links": {"runbooks": "https://runbooks.example", "grafana": "https://grafana.example"},
        "notifications": CHANNELS,
    }
    return required | changes


def load_result(raw: Mapping[str, object], secrets: frozenset[str] = ALL_SECRETS) -> LoadResult:
    return loader.load_sections(RawConfig(stack="prod", values=raw, secrets=secrets))


def read(secrets: frozenset[str] = ALL_SECRETS, **changes: object) -> StackSettings:
    result = load_result(values(**changes), secrets)
    assert result.problems == ()
    return loader.build_settings(result)


def problems(secrets: frozenset[str] = ALL_SECRETS, **changes: object) -> list[tuple[str, str, str]]:
    return [
        (problem.key, problem.found, problem.allowed) for problem in load_result(values(**changes), secrets).problems
    ]


def test_only_the_required_values_must_be_set() -> None:
    settings = read()
    assert settings.prometheus.replicas == 2
    assert settings.prometheus.storage.effective_retention_size == "43520MiB"
    assert settings.alertmanager.replicas == 3
    assert settings.charts.source == "upstream"


def test_settings_are_immutable() -> None:
    settings = read()
    with pytest.raises(ValidationError, match="frozen"):
        settings.prometheus.replicas = 9  # type: ignore[misc]


@pytest.mark.parametrize(
    ("key", "section", "found", "allowed"),
    [
        ("prometheus.replicas", {"replicas": "3"}, '"3"', "a whole number from 1 to 10"),
        ("prometheus.replicas", {"replicas": True}, "true", "a whole number from 1 to 10"),
        ("prometheus.replicas", {"replicas": 0}, "0", "a whole number from 1 to 10"),
        ("prometheus.replicas", {"replicas": 11}, "11", "a whole number from 1 to 10"),
        ("prometheus.replicas", {"replicas": None}, "nothing", "a whole number from 1 to 10"),
        ("prometheus.retention", {"retention": "30"}, '"30"', RETENTION),
        ("prometheus.retention", {"retention": "23h59m"}, '"23h59m"', RETENTION),
        ("prometheus.scrapeInterval", {"scrapeInterval": "5m"}, '"5m"', INTERVAL),
        ("prometheus.scrapeInterval", {"scrapeInterval": "61s"}, '"61s"', INTERVAL),
        ("prometheus.scrapeInterval", {"scrapeInterval": "4s"}, '"4s"', INTERVAL),
        ("prometheus.evaluationInterval", {"evaluationInterval": "1d"}, '"1d"', INTERVAL),
        ("prometheus.evaluationInterval", {"evaluationInterval": "often"}, '"often"', INTERVAL),
        ("prometheus.storage.size", {"storage": {"size": 50}}, "50", VOLUME),
        ("prometheus.storage.size", {"storage": {"size": "50"}}, '"50"', VOLUME),
        ("prometheus.storage.size", {"storage": {"size": "500m"}}, '"500m"', VOLUME),
        ("prometheus.storage.size", {"storage": {"size": "99999999999m"}}, '"99999999999m"', VOLUME),
        (
            "prometheus.resources.limits.memory",
            {"resources": {"limits": {"memory": "4000000000m"}}},
            '"4000000000m"',
            BYTES,
        ),
        (
            "prometheus.resources.requests.memory",
            {"resources": {"requests": {"memory": "1023Ki"}}},
            '"1023Ki"',
            BYTES,
        ),
        ("prometheus.resources.requests.cpu", {"resources": {"requests": {"cpu": "1Gi"}}}, '"1Gi"', CORES),
        ("prometheus.resources.requests.cpu", {"resources": {"requests": {"cpu": "0m"}}}, '"0m"', CORES),
        ("prometheus.storage.size", {"storage": {"size": ["50Gi"]}}, "a list", VOLUME),
        (
            "prometheus.storage",
            {"storage": "50Gi"},
            '"50Gi"',
            "a mapping with the keys size, storageClass, retentionSize",
        ),
        (
            "prometheus.storage.retentionSize",
            {"storage": {"size": "10Gi", "retentionSize": "9217MB"}},
            '"9217MB"',
            "9216MiB or less (90 % of the volume)",
        ),
        (
            "prometheus.resources.requests.memory",
            {"resources": {"requests": {"memory": "8Gi"}, "limits": {"memory": "4Gi"}}},
            '"8Gi"',
            "limits.memory (4Gi) or less",
        ),
        (
            "prometheus.replica",
            {"replica": 3},
            "an unknown key",
            "replicas (did you mean that?), or one of evaluationInterval, queries, queryUrl, remoteWrite, "
            "remoteWriteReceiver, replicas, resources, retention, ruleResults, scrapeInterval, scrapeLimits, selector, "
            "shards, storage, thanos",
        ),
        (
            "prometheus.storage.class",
            {"storage": {"class": "fast"}},
            "an unknown key",
            "one of retentionSize, size, storageClass",
        ),
    ],
)
def test_an_invalid_value_is_reported_with_its_key_and_the_allowed_values(
    key: str, section: Mapping[str, Any], found: str, allowed: str
) -> None:
    assert problems(prometheus=section) == [(f"monitoring:{key}", found, allowed)]


@pytest.mark.parametrize(
    "section",
    [
        {"scrapeInterval": "1m", "evaluationInterval": "5s"},
        {"storage": {"size": "10Gi", "retentionSize": "9216MB"}},
        {"storage": {"size": "1Gi"}},
        {"retention": "24h"},
        {"resources": {"requests": {"cpu": "1.5"}}},
        {"resources": {"requests": {"cpu": "2000m"}}},
    ],
)
def test_a_value_at_its_limit_is_accepted(section: Mapping[str, Any]) -> None:
    assert read(prometheus=section)


def test_the_longest_interval_leaves_four_samples_in_every_window_of_the_catalogue() -> None:
    expressions = [alert.expression for alert in load().alerts.values()]
    windows = [window for expression in expressions for window in re.findall(r"\[([0-9a-z]+)[:\]]", expression)]
    assert windows
    assert min(map(parse_duration, windows)) >= 4 * LONGEST_INTERVAL


def test_the_shortest_retention_covers_every_window_of_the_catalogue_and_every_repeat_interval() -> None:
    """Except the windows of SLOs (30d) and file systems (7d), which work with shorter data too."""
    expressions = [alert.expression for alert in load().alerts.values()]
    windows = [window for expression in expressions for window in re.findall(r"\[([0-9a-z]+)[:\]]", expression)]
    assert max(parse_duration(window) for window in windows if window not in ("30d", "7d")) <= SHORTEST_RETENTION
    everything = NotificationsSettings.model_validate(
        {
            "slack": {},
            "pagerduty": True,
            "email": {"from": "a@b.example", "smarthost": "b.example:25", "onCall": "c@b.example"},
            "deadMansSwitch": True,
        }
    )
    text = json.dumps(alertmanager_configuration(everything, read().links))
    repetitions = re.findall(r'"repeat_interval": "(\w+)"', text)
    assert len(repetitions) > 3
    assert max(map(parse_duration, repetitions)) <= SHORTEST_RETENTION


@pytest.mark.parametrize("link", ["runbooks", "grafana", "prometheus", "alertmanager"])
@pytest.mark.parametrize(
    "address",
    [
        "http://[x",
        "http://",
        "ftp://a.example",
        "http://:hush@a.example",
        "a.example",
        "http://grafana.monitoring.svc:3000",
        7,
    ],
)
def test_an_invalid_link_is_reported_without_its_credentials(link: str, address: object) -> None:
    links = {"runbooks": "https://runbooks.example", "grafana": "https://grafana.example", link: address}
    ((key, found, allowed),) = problems(links=links)
    assert (key, allowed) == (f"monitoring:links.{link}", f"grafana, or {ADDRESS}" if link == "runbooks" else ADDRESS)
    assert "hush" not in found


def test_setting_one_value_preserves_the_defaults_of_the_others() -> None:
    resources = read(prometheus={"resources": {"limits": {"memory": "6Gi"}}}).prometheus.resources
    assert (resources.requests.memory, resources.limits.memory) == ("2Gi", "6Gi")


def test_an_unknown_section_is_reported_with_the_most_similar_one() -> None:
    ((key, found, allowed),) = problems(promtheus={"replicas": 1})
    assert (key, found) == ("monitoring:promtheus", "an unknown key")
    assert allowed.startswith("prometheus (did you mean that?), or one of alertmanager, ")


def test_an_unknown_secret_is_a_problem() -> None:
    ((key, found, allowed),) = problems(ALL_SECRETS | {"slackUrl"})
    assert (key, found) == ("monitoring:slackUrl", "an unknown key")
    assert "slackWarningWebhookUrl" in allowed


def test_a_missing_section_or_key_is_a_problem() -> None:
    incomplete = values(cluster={})
    del incomplete["environment"]
    assert [(problem.key, problem.found) for problem in load_result(incomplete).problems] == [
        ("monitoring:environment", "nothing"),
        ("monitoring:cluster.name", "nothing"),
    ]


def test_all_problems_are_reported_at_once() -> None:
    found = problems(
        prometheus={"replicas": 0, "retention": "x", "storage": {"size": "10Gi", "retentionSize": "40GB"}, "typo": 1},
        alertmanager={"replicas": "three", "storage": {"size": "big"}},
        environment="Prod",
    )
    assert sorted(key for key, _, _ in found) == [
        "monitoring:alertmanager.replicas",
        "monitoring:alertmanager.storage.size",
        "monitoring:environment",
        "monitoring:prometheus.replicas",
        "monitoring:prometheus.retention",
        "monitoring:prometheus.storage.retentionSize",
        "monitoring:prometheus.typo",
    ]


@pytest.mark.parametrize(
    ("notifications", "secret"),
    [
        *(({"slack": {}}, secret) for secret in sorted(SLACK_SECRETS)),
        ({"slack": {}, "pagerduty": True}, "pagerdutyRoutingKey"),
        ({"email": {"from": "a@b.c", "smarthost": "b.c:587", "onCall": "d@b.c"}}, "smtpPassword"),
        ({"slack": {}, "deadMansSwitch": True}, "deadMansSwitchUrl"),
    ],
)
def test_a_channel_requires_its_secret(notifications: Mapping[str, object], secret: str) -> None:
    command = f"pulumi config set --secret monitoring:{secret} <value> --stack prod"
    assert problems(ALL_SECRETS - {secret}, notifications=notifications) == [
        (f"monitoring:{secret}", "nothing", command)
    ]
    assert read(ALL_SECRETS, notifications=notifications)


def test_a_disabled_channel_requires_no_secret() -> None:
    assert read(SLACK_SECRETS).notifications.pagerduty is False


@pytest.mark.parametrize("secret", sorted(ALL_SECRETS))
def test_an_unencrypted_secret_is_reported_without_its_value(secret: str) -> None:
    ((key, found, allowed),) = problems(ALL_SECRETS - {secret}, **{secret: "hush-hush"})
    assert (key, found) == (f"monitoring:{secret}", "an unencrypted value")
    assert allowed == f"pulumi config set --secret monitoring:{secret} <value> --stack prod"


@pytest.mark.parametrize(
    "notifications",
    [
        {"slack": "https://hooks.slack.com/services/T0/B0/hushhush"},
        {"slack": {"webhookUrl": "hushhush"}},
        {"slack": {"criticalChannel": "https://user:hushhush@slack.example"}},
        {"slack": {}, "pagerduty": "hushhush0123456789abcdef01234567"},
    ],
)
def test_a_secret_at_the_wrong_key_is_reported_without_its_value(notifications: Mapping[str, object]) -> None:
    assert "hushhush" not in repr(problems(notifications=notifications))


def test_an_encrypted_setting_is_a_problem() -> None:
    assert problems(ALL_SECRETS | {"charts"}) == [("monitoring:charts", "an encrypted value", "an unencrypted value")]


QUIET = {"begin": "19:00", "end": "07:00", "warnings": True}


@pytest.mark.parametrize(
    ("key", "changes", "allowed"),
    [
        ("secretSource", {"secretSource": "vault"}, "one of configuration, existing"),
        (
            "existingSecret",
            {"secretSource": "existing"},
            "the name of a Secret if and only if secretSource is existing",
        ),
        (
            "existingSecret",
            {"existingSecret": "bais"},
            "the name of a Secret if and only if secretSource is existing",
        ),
        (
            "existingSecret",
            {"secretSource": "existing", "existingSecret": "alertmanager-tokens"},
            "the name of a Secret that the stack does not create itself: lowercase letters, digits, - and .",
        ),
        ("pagerdutyTeams", {"pagerdutyTeams": ["data"]}, "an empty list unless pagerduty is true"),
        (
            "pagerdutyTeams",
            {"pagerduty": True, "pagerdutyTeams": "data"},
            "a list of teams, with the names of the label team",
        ),
        ("pagerdutyTeams", {"pagerduty": True, "pagerdutyTeams": ["data", "data"]}, "each team once"),
        (
            "pagerdutyTeams[0]",
            {"pagerduty": True, "pagerdutyTeams": ["Data"]},
            "a Kubernetes name: lowercase letters, digits and -, at most 63 characters",
        ),
        ("groupWait", {"groupWait": "4s"}, "a Prometheus duration from 5s to 2m"),
        ("groupWait", {"groupWait": "121s"}, "a Prometheus duration from 5s to 2m"),
        ("groupInterval", {"groupInterval": "4s"}, GROUP_INTERVAL),
        ("groupInterval", {"groupInterval": "12m"}, GROUP_INTERVAL),
        ("groupInterval", {"groupInterval": "7m"}, GROUP_INTERVAL),
        ("groupInterval", {"groupInterval": "0s"}, GROUP_INTERVAL),
        ("groupInterval", {"groupWait": "90s", "groupInterval": "1m"}, "groupWait (90s) or longer"),
        ("groupInterval", {"groupInterval": "30s"}, "more than 30s with 3 Alertmanager replicas"),
        ("quietHours.end", {"quietHours": QUIET | {"end": 420}}, 'a time of day such as "19:00", in quotes'),
        ("quietHours.begin", {"quietHours": QUIET | {"begin": "24:00"}}, 'a time of day such as "19:00", in quotes'),
        ("quietHours.end", {"quietHours": QUIET | {"end": "19:00"}}, "a time other than begin"),
        (
            "quietHours.timezone",
            {"quietHours": QUIET | {"timezone": "Mars/Olympus"}},
            "a time zone such as Europe/Berlin, or UTC",
        ),
        ("quietHours", {"quietHours": QUIET | {"warnings": False}}, "warnings, business or both"),
        (
            "quietHours.business",
            {"quietHours": QUIET | {"business": True}},
            "false, or an address in email.business other than email.onCall",
        ),
    ],
)
def test_inconsistent_notifications_are_a_problem(key: str, changes: Mapping[str, object], allowed: str) -> None:
    found = [
        problem
        for problem in problems(frozenset(), notifications={**CHANNELS, **changes})
        if "--secret" not in problem[2]
    ]
    assert [(problem[0], problem[2]) for problem in found] == [(f"monitoring:notifications.{key}", allowed)]


CHRISTMAS = {"date": "2026-12-24", "until": "2026-12-26", "name": "Christmas", "timezone": "Europe/Berlin"}


@pytest.mark.parametrize(
    ("key", "calendar", "allowed"),
    [
        ("", "2026-12-25", "a list of mappings, at most 200"),
        ("[0].date", [{}], "a value, because this setting has no default"),
        ("[0].date", [{"date": "25.12.2026"}], 'a date such as "2026-12-25", in quotes'),
        ("[0].date", [{"date": "20261225"}], 'a date such as "2026-12-25", in quotes'),
        ("[0].date", [{"date": "2026-02-29"}], 'a date such as "2026-12-25", in quotes'),
        ("[0].date", [{"date": date(2026, 12, 25)}], 'a date such as "2026-12-25", in quotes'),
        ("[1].until", [CHRISTMAS, CHRISTMAS | {"until": "2026-12-23"}], "2026-12-24 or a later date"),
        ("[0].timezone", [CHRISTMAS | {"timezone": "Mars/Olympus"}], "a time zone such as Europe/Berlin, or UTC"),
        ("[0].name", [CHRISTMAS | {"name": ""}], TEXT),
    ],
)
def test_an_invalid_excluded_day_is_one_problem(key: str, calendar: object, allowed: str) -> None:
    found = problems(alerts={"calendar": calendar})
    assert [(name, right) for name, _, right in found] == [(f"monitoring:alerts.calendar{key}", allowed)]


def test_a_group_interval_is_bounded_by_evaluation_and_the_number_of_alertmanagers() -> None:
    key, fast = "monitoring:notifications.groupInterval", CHANNELS | {"groupWait": "5s", "groupInterval": "36s"}
    assert read(notifications=fast).notifications.group_interval == "36s"
    assert problems(notifications=fast, prometheus={"evaluationInterval": "1m"}, alertmanager={"replicas": 4}) == [
        (key, '"36s"', "prometheus.evaluationInterval (1m) or longer"),
        (key, '"36s"', "more than 45s with 4 Alertmanager replicas"),
    ]
    alone = fast | {"groupInterval": "5s"}
    assert read(notifications=alone, alertmanager={"replicas": 1}, prometheus={"evaluationInterval": "5s"})


def test_a_routing_key_of_an_unknown_team_is_a_problem() -> None:
    ((key, found, allowed),) = problems(
        ALL_SECRETS | {"pagerdutyTeamRoutingKeys.data", "pagerdutyTeamRoutingKeys.date"},
        notifications={"slack": {}, "pagerduty": True, "pagerdutyTeams": ["data"]},
    )
    assert (key, found) == ("monitoring:pagerdutyTeamRoutingKeys.date", "an unknown key")
    assert allowed.startswith("pagerdutyTeamRoutingKeys.data (did you mean that?), or one of ")


def test_staging_never_pages() -> None:
    changes: dict[str, object] = {"environment": "staging", "notifications": {"slack": {}, "pagerduty": True}}
    assert problems(**changes) == [("monitoring:notifications.pagerduty", "true", "false: staging never pages")]  # type: ignore[arg-type]


def test_warnings_require_slack_or_email() -> None:
    assert problems(notifications={"pagerduty": True}) == [
        (
            "monitoring:notifications",
            "neither slack nor email",
            "slack, email or both, so that warnings reach someone",
        )
    ]


@pytest.mark.parametrize(
    "source",
    [
        "/charts",
        "~/charts",
        "",
        "http://mirror.example",
        "https://user:x@mirror.example",
        "ftp://a.example",
        "oci://[x",
    ],
)
def test_an_invalid_chart_source_is_reported_without_its_credentials(source: str) -> None:
    ((key, found, _),) = problems(charts={"source": source})
    assert key == "monitoring:charts.source"
    assert "user" not in found


@pytest.mark.parametrize(
    "source", ["upstream", "https://mirror.example/charts", "oci://registry.example/charts", ".state/charts"]
)
def test_charts_can_come_from_a_repository_a_registry_or_a_folder(source: str) -> None:
    assert read(charts={"source": source}).charts.source == source


def test_the_report_has_a_heading_and_one_aligned_line_per_problem() -> None:
    result = load_result(values(environment="P", prometheus={"replicas": 0}))
    heading, *lines = problem_report("prod", result.problems).splitlines()
    assert heading == "2 problems in the settings of stack prod:"
    assert len(lines) == 2
    assert len({line.index("found ") for line in lines}) == 1
