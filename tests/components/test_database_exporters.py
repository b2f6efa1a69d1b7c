from collections.abc import Mapping
from typing import Any, Final

import pytest

from catalogue.platform import BATCH_ACCOUNTS, UNSUPPORTED_COLLECTORS
from common.exporters import POSTGRES_EXPORTER, REDIS_EXPORTER
from common.labels import SELECTOR
from manifests.charts import exporter_chart
from manifests.database_exporters import database_monitor_spec, postgres_exporter_values, redis_exporter_values
from manifests.platform import monitored_platform
from settings.databases import PostgresSettings, RedisSettings
from settings.loader import build_settings, load_sections
from settings.scrape_limits import PlatformScrapeLimits
from tests.components.production import production, run_production
from tools.mocked_program import Run

LIMITS: Final = PlatformScrapeLimits()
RELEASE: Final = "kubernetes:helm.sh/v3:Release"
MONITOR: Final = "kubernetes:monitoring.coreos.com/v1:ServiceMonitor"
POSTGRES: Final[dict[str, Any]] = {
    "name": "main",
    "address": "db.example:5433",
    "service": "orders",
    "secret": {"name": "db-reader"},
}
REDIS: Final[dict[str, Any]] = {"name": "main", "address": "[2001:db8::1]:6379", "service": "sessions"}


def problems(**changes: object) -> list[tuple[str, str, str]]:
    return [(problem.key, problem.found, problem.allowed) for problem in load_sections(production(**changes)).problems]


def postgres(**changes: object) -> PostgresSettings:
    (found,) = build_settings(load_sections(production(postgres=[POSTGRES | changes]))).postgres
    return found


def redis(**changes: object) -> RedisSettings:
    (found,) = build_settings(load_sections(production(redis=[REDIS | changes]))).redis
    return found


def postgres_values(**changes: Any) -> dict[str, Any]:
    return postgres_exporter_values(postgres(**changes), priority_class="bais")


def redis_values(**changes: Any) -> dict[str, Any]:
    return redis_exporter_values(redis(**changes), priority_class="bais", service_account="redis-exporter-cache")


def test_the_postgresql_exporter_connects_with_credentials_from_a_secret() -> None:
    values = postgres_values()
    assert values["config"]["datasource"] == {
        "host": "db.example",
        "port": "5433",
        "database": "postgres",
        "sslmode": "require",
        "userSecret": {"name": "db-reader", "key": "username"},
        "passwordSecret": {"name": "db-reader", "key": "password"},
    }


def test_every_setting_of_a_postgresql_server_reaches_the_chart() -> None:
    secret = {"name": "owner", "usernameKey": "user", "passwordKey": "pass.word"}
    found = postgres_values(database="orders", sslMode="verify-full", secret=secret)
    assert found["config"]["datasource"] == {
        "host": "db.example",
        "port": "5433",
        "database": "orders",
        "sslmode": "verify-full",
        "userSecret": {"name": "owner", "key": "user"},
        "passwordSecret": {"name": "owner", "key": "pass.word"},
    }


def test_collectors_that_alerts_require_are_enabled() -> None:
    assert postgres_values()["config"]["extraArgs"] == [
        "--collector.database_wraparound",
        "--collector.long_running_transactions",
        "--collector.stat_checkpointer",
        "--collector.stat_statements",
    ]


def test_a_server_enables_more_collectors_and_disables_those_that_it_does_not_support() -> None:
    found = postgres_values(collectors=["no-wal", "no-stat_statements", "stat_wal_receiver"])
    assert found["config"]["extraArgs"] == [
        "--collector.database_wraparound",
        "--collector.long_running_transactions",
        "--collector.stat_checkpointer",
        "--collector.stat_wal_receiver",
        "--no-collector.wal",
        "--no-collector.stat_statements",
    ]


@pytest.mark.parametrize(
    ("changes", "allowed"),
    [
        (
            {"collectors": ["no-such"]},
            "a collector of the PostgreSQL exporter, or no- and the name of one, such as no-wal",
        ),
        ({"collectors": ["wal", "no-wal"]}, "each collector once"),
        ({"collectors": {"wal": False}}, "a list of collectors such as [no-wal]"),
        ({"batchAccounts": "backup"}, "a list of database accounts such as [backup]"),
        ({"batchAccounts": ['a"b']}, 'the name of a database account, without " and \\'),
    ],
)
def test_invalid_accounts_and_collectors_are_rejected(changes: dict[str, Any], allowed: str) -> None:
    assert [found[2] for found in problems(postgres=[POSTGRES | changes])] == [allowed]


def test_what_the_settings_of_a_server_exclude_is_recorded_with_the_labels_of_its_series() -> None:
    settings = build_settings(
        load_sections(
            production(postgres=[POSTGRES | {"batchAccounts": ["backup"], "collectors": ["no-wal", "roles"]}])
        )
    )
    server = {"service": "orders", "instance": "main"}
    assert [(each.record, each.labels) for each in monitored_platform(settings).exclusions] == [
        (BATCH_ACCOUNTS, {**server, "usename": "backup", "user": "backup"}),
        (UNSUPPORTED_COLLECTORS, {**server, "collector": "wal"}),
    ]


def test_the_redis_exporter_connects_to_its_own_server_only() -> None:
    values = redis_values()
    assert values["redisAddress"] == "redis://[2001:db8::1]:6379"
    assert values["extraArgs"] == {"disable-scrape-endpoint": "true"}
    assert "auth" not in values


def test_a_redis_server_can_require_tls_and_a_password() -> None:
    values = redis_values(tls=True, secret={"name": "cache", "passwordKey": "word"})
    assert values["redisAddress"] == "rediss://[2001:db8::1]:6379"
    assert values["auth"] == {"enabled": True, "secret": {"name": "cache", "key": "word"}}


@pytest.mark.parametrize("values", [postgres_values(), redis_values()])
def test_a_database_exporter_runs_without_privileges_and_with_resource_limits(values: Mapping[str, Any]) -> None:
    assert (values["podSecurityContext"]["runAsNonRoot"], values["podSecurityContext"]["runAsUser"]) == (True, 65534)
    assert values["podSecurityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert values["securityContext"]["readOnlyRootFilesystem"] is True
    assert values["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert values["rbac"] == {"create": False}
    assert values["priorityClassName"] == "bais"
    assert values["resources"] == {"requests": {"cpu": "20m", "memory": "32Mi"}, "limits": {"memory": "128Mi"}}


def test_series_have_the_labels_of_the_server_not_of_the_exporters_pod() -> None:
    found = database_monitor_spec(POSTGRES_EXPORTER, postgres(team="data", scrapeInterval="15s"), LIMITS)
    (endpoint,) = found["endpoints"]
    assert endpoint["relabelings"] == [
        {"targetLabel": "service", "replacement": "orders"},
        {"targetLabel": "team", "replacement": "data"},
        {"targetLabel": "instance", "replacement": "main"},
    ]
    assert endpoint["interval"] == "15s"
    assert "interval" not in database_monitor_spec(REDIS_EXPORTER, redis(), LIMITS)["endpoints"][0]


@pytest.fixture
def done(cluster_answers: None) -> Run:
    return run_production(
        postgres=[POSTGRES, POSTGRES | {"name": "archive", "address": "archive.example:5432"}],
        redis=[REDIS | {"secret": {"name": "cache"}}],
    )


def test_each_server_has_its_own_release(done: Run) -> None:
    released = {
        name: chart
        for release in done.of_type(RELEASE)
        if (name := release.inputs["name"]) != (chart := release.inputs["chart"])
    }
    assert released == {
        "postgres-exporter-main": POSTGRES_EXPORTER.chart,
        "postgres-exporter-archive": POSTGRES_EXPORTER.chart,
        "redis-exporter-main": REDIS_EXPORTER.chart,
    }
    assert [name for name in released if exporter_chart(REDIS_EXPORTER).has_release(name)] == ["redis-exporter-main"]
    assert exporter_chart(POSTGRES_EXPORTER).has_release(POSTGRES_EXPORTER.chart) is False


@pytest.mark.parametrize("exporter", ["postgres-exporter", "redis-exporter"])
def test_the_monitor_selects_the_service_of_the_release_and_sets_the_job(done: Run, exporter: str) -> None:
    release = done.one(RELEASE, f"{exporter}-main-release")
    monitor = done.one(MONITOR, f"{exporter}-main-monitor")
    service = release.inputs["values"]["service"]
    spec = monitor.inputs["spec"]
    assert monitor.inputs["metadata"]["labels"] == dict(SELECTOR)
    assert service["labels"][spec["jobLabel"]] == exporter
    assert spec["selector"]["matchLabels"] == {
        **service["labels"],
        "app.kubernetes.io/instance": release.inputs["name"],
    }
    assert spec["endpoints"][0]["port"] == service.get("name", service.get("portName"))
    assert f"{exporter}-main-release" in monitor.dependencies
    assert "custom-resource-definitions-release" in release.dependencies


def test_up_waits_for_all_releases_except_database_exporters(done: Run) -> None:
    skipped = {release.inputs["name"] for release in done.of_type(RELEASE) if release.inputs["skipAwait"]}
    assert skipped == {"postgres-exporter-main", "postgres-exporter-archive", "redis-exporter-main"}


def test_a_changed_server_changes_only_its_own_release(cluster_answers: None) -> None:
    servers = [POSTGRES, POSTGRES | {"name": "archive"}]
    runs = [run_production(postgres=[servers[0], servers[1] | {"address": a}]) for a in ("a.example:1", "b.example:1")]
    inputs = [{(one.type, one.name): one.inputs for one in done.resources} for done in runs]
    assert inputs[0].keys() == inputs[1].keys()
    changed = [name for kind, name in inputs[0] if inputs[0][kind, name] != inputs[1][kind, name]]
    assert changed == ["postgres-exporter-archive-release"]


def test_without_servers_there_are_no_database_exporters(cluster_answers: None) -> None:
    done = run_production(postgres=[], redis=[])
    assert [one.name for one in done.resources if one.name.startswith(("postgres", "redis"))] == []


OBJECT_NAME: Final = "the name of a Secret that the stack does not create itself: lowercase letters, digits, - and ."
INSTANCE: Final = "a Kubernetes name: lowercase letters, digits and -, at most 35 characters"
KEY: Final = "a key of the Secret: letters, digits, -, _ and ."
MODES: Final = "one of disable, allow, prefer, require, verify-ca, verify-full"


@pytest.mark.parametrize(
    ("key", "changes", "found", "allowed"),
    [
        ("name", {"name": "Main"}, '"Main"', INSTANCE),
        ("name", {"name": "m" * 36}, "a string of 36 characters", INSTANCE),
        ("address", {"address": "db.example"}, '"db.example"', "a host and port such as db.example.com:5432"),
        ("service", {"service": 7}, "7", "a Kubernetes name: lowercase letters, digits and -, at most 63 characters"),
        ("team", {"team": ""}, '""', "a Kubernetes name: lowercase letters, digits and -, at most 63 characters"),
        ("database", {"database": "a b"}, '"a b"', "the name of a database: letters, digits, _ and -"),
        ("database", {"database": "{{x}}"}, '"{{x}}"', "the name of a database: letters, digits, _ and -"),
        ("sslMode", {"sslMode": "on"}, '"on"', MODES),
        ("scrapeInterval", {"scrapeInterval": "5m"}, '"5m"', None),
        ("secret", {"secret": "hushhush"}, "a hidden value", "a mapping with the keys name, passwordKey, usernameKey"),
        ("secret", {"secret": None}, "nothing", "a mapping with the keys name, passwordKey, usernameKey"),
        ("secret.name", {"secret": {}}, "nothing", "a value, because this setting has no default"),
        ("secret.name", {"secret": {"name": "Hush_hush"}}, "a hidden value", OBJECT_NAME),
        ("secret.passwordKey", {"secret": {"name": "x", "passwordKey": "hush hush"}}, "a hidden value", KEY),
        ("secret.usernameKey", {"secret": {"name": "x", "usernameKey": ""}}, "a hidden value", KEY),
        (
            "secret.password",
            {"secret": {"name": "x", "password": "hushhush"}},
            "an unknown key",
            "passwordKey (did you mean that?), or one of name, passwordKey, usernameKey",
        ),
        ("tls", {"tls": True}, "an unknown key", None),
    ],
)
def test_an_invalid_postgresql_setting_is_reported_with_its_key_and_allowed_values(
    key: str, changes: dict[str, object], found: str, allowed: str | None
) -> None:
    ((reported_key, reported_value, reported_allowed),) = problems(postgres=[POSTGRES | changes])
    assert (reported_key, reported_value) == (f"monitoring:postgres[0].{key}", found)
    assert allowed in (reported_allowed, None)


@pytest.mark.parametrize(
    ("key", "changes", "found", "allowed"),
    [
        ("tls", {"tls": "yes"}, '"yes"', "true or false"),
        ("secret.name", {"secret": {"passwordKey": "x"}}, "nothing", "a value, because this setting has no default"),
        ("secret.usernameKey", {"secret": {"name": "x", "usernameKey": "x"}}, "an unknown key", None),
        ("resources.limits.memory", {"resources": {"limits": {"memory": "1"}}}, '"1"', None),
    ],
)
def test_an_invalid_redis_setting_is_reported_with_its_key_and_allowed_values(
    key: str, changes: dict[str, object], found: str, allowed: str | None
) -> None:
    ((reported_key, reported_value, reported_allowed),) = problems(redis=[REDIS | changes])
    assert (reported_key, reported_value) == (f"monitoring:redis[0].{key}", found)
    assert allowed in (reported_allowed, None)


def test_names_of_servers_are_unique_per_kind() -> None:
    assert problems(postgres=[POSTGRES, POSTGRES], redis=[REDIS, REDIS | {"name": "other"}]) == [
        (
            f"monitoring:postgres[{index}].name",
            "a name used by 2 PostgreSQL servers",
            "a name that no other PostgreSQL server uses",
        )
        for index in (0, 1)
    ]


@pytest.mark.parametrize("servers", [{}, 7, "db.example:5432", ["db.example:5432"], [None], None])
def test_an_invalid_list_of_servers_is_reported_as_a_problem(servers: object) -> None:
    assert problems(postgres=servers)
    assert problems(redis=servers)
