from pathlib import Path

import pytest

from common.problems import Problem
from preflight.secrets import RequiredKey, required_keys, secret_problems
from settings.credentials import PAGERDUTY_ROUTING_KEY, SMTP_PASSWORD
from settings.loader import RawConfig, load_sections

KEY = "monitoring:notifications.existingSecret"
EMAIL = {"from": "m@bais.example", "smarthost": "smtp.example:587", "onCall": "o@bais.example", "username": "m"}
REQUIRED = [
    RequiredKey(setting=KEY, secret="bais-alertmanager", key=each.file, allowed=each.format.allowed)
    for each in (PAGERDUTY_ROUTING_KEY, SMTP_PASSWORD)
]


def problems(context: str | None = None) -> list[Problem]:
    return secret_problems(context, "monitoring", REQUIRED)


def test_a_secret_with_every_key_is_accepted(kubectl: Path) -> None:
    (kubectl / "output").write_text(
        "bais-alertmanager\n{0} pagerduty-routing-key 44\n{0} smtp-password 8\n{0} another 4\n".format(
            "bais-alertmanager"
        )
    )
    assert problems() == []


def test_the_secret_is_read_from_the_cluster_and_namespace_of_the_stack(kubectl: Path) -> None:
    problems(context="bais-prod")
    arguments = (kubectl / "arguments").read_text()
    assert arguments.startswith("get secret bais-alertmanager --namespace=monitoring --ignore-not-found")
    assert "--context=bais-prod" in arguments


def test_a_missing_secret_is_reported_with_the_keys_that_it_requires(kubectl: Path) -> None:
    assert problems() == [
        Problem(
            KEY,
            "no Secret bais-alertmanager in namespace monitoring",
            "a Secret with the keys pagerduty-routing-key, smtp-password",
        )
    ]


def test_each_missing_or_empty_key_is_a_problem(kubectl: Path) -> None:
    (kubectl / "output").write_text("bais-alertmanager\nbais-alertmanager smtp-password 0\n")
    assert [problem.found for problem in problems()] == [
        "Secret bais-alertmanager without key pagerduty-routing-key",
        "Secret bais-alertmanager with an empty key smtp-password",
    ]


def test_every_key_is_missing_from_an_empty_secret(kubectl: Path) -> None:
    (kubectl / "output").write_text("bais-alertmanager\n")
    assert len(problems()) == len(REQUIRED)


def test_an_error_of_kubectl_does_not_block_the_deployment(kubectl: Path) -> None:
    (kubectl / "status").write_text("1")
    assert problems() == []


def test_a_missing_kubectl_does_not_block_the_deployment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert problems() == []


DATABASE = {"address": "db.example:1", "service": "db"}
SECTIONS = load_sections(
    RawConfig(
        stack="test",
        values={
            "notifications": {"email": EMAIL, "secretSource": "existing", "existingSecret": "ours"},
            "prometheus": {
                "remoteWrite": [
                    {"name": "a", "url": "https://a.example", "credentials": {"basicAuth": {"secret": "basic"}}},
                    {"name": "b", "url": "https://b.example", "credentials": {"bearer": {"secret": "bearer"}}},
                    {
                        "name": "c",
                        "url": "https://c.example",
                        "credentials": {"sigv4": {"region": "eu-central-1", "secret": "aws"}},
                    },
                    {"name": "d", "url": "https://d.example", "credentials": {"sigv4": {"region": "eu-central-1"}}},
                    {"name": "e", "url": "https://e.example"},
                ],
                "thanos": {"objectStorage": {"secret": "bucket"}},
            },
            "grafana": {"adminSecret": "admin"},
            "postgres": [{**DATABASE, "name": "orders", "secret": {"name": "orders", "usernameKey": "user"}}],
            "redis": [{**DATABASE, "name": "open"}, {**DATABASE, "name": "sessions", "secret": {"name": "sessions"}}],
        },
        secrets=frozenset(),
    )
).sections


def test_every_setting_that_names_a_secret_is_checked_for_every_key_that_is_read() -> None:
    remote_write = "monitoring:prometheus.remoteWrite"
    assert [(each.setting, each.secret, each.key) for each in required_keys(SECTIONS)] == [
        (KEY, "ours", "smtp-password"),
        (f"{remote_write}[0].credentials.basicAuth.secret", "basic", "username"),
        (f"{remote_write}[0].credentials.basicAuth.secret", "basic", "password"),
        (f"{remote_write}[1].credentials.bearer.secret", "bearer", "token"),
        (f"{remote_write}[2].credentials.sigv4.secret", "aws", "accessKey"),
        (f"{remote_write}[2].credentials.sigv4.secret", "aws", "secretKey"),
        ("monitoring:prometheus.thanos.objectStorage.secret", "bucket", "objstore.yml"),
        ("monitoring:grafana.adminSecret", "admin", "admin-user"),
        ("monitoring:grafana.adminSecret", "admin", "admin-password"),
        ("monitoring:postgres[0].secret", "orders", "user"),
        ("monitoring:postgres[0].secret", "orders", "password"),
        ("monitoring:redis[1].secret", "sessions", "password"),
    ]


def test_all_missing_secrets_are_reported_at_once_one_line_each(kubectl: Path) -> None:
    (kubectl / "output").write_text("basic\nbasic username 1\nbasic password 1\n")
    found = [(each.key.rpartition("monitoring:")[2], each.found) for each in all_problems()]
    assert found == [
        ("notifications.existingSecret", "no Secret ours in namespace monitoring"),
        ("prometheus.remoteWrite[1].credentials.bearer.secret", "no Secret bearer in namespace monitoring"),
        ("prometheus.remoteWrite[2].credentials.sigv4.secret", "no Secret aws in namespace monitoring"),
        ("prometheus.thanos.objectStorage.secret", "no Secret bucket in namespace monitoring"),
        ("grafana.adminSecret", "no Secret admin in namespace monitoring"),
        ("postgres[0].secret", "no Secret orders in namespace monitoring"),
        ("redis[1].secret", "no Secret sessions in namespace monitoring"),
    ]
    arguments = (kubectl / "arguments").read_text()
    assert arguments.startswith("get secret admin aws basic bearer bucket orders ours sessions --namespace=monitoring")


def all_problems() -> list[Problem]:
    return secret_problems(None, "monitoring", required_keys(SECTIONS))


def test_without_named_secrets_kubectl_is_not_called(kubectl: Path) -> None:
    assert secret_problems(None, "monitoring", []) == []
    assert not (kubectl / "arguments").exists()


def test_secrets_of_disabled_grafana_and_of_invalid_sections_are_not_required() -> None:
    grafana = load_sections(
        RawConfig(stack="test", values={"grafana": {"enabled": False, "adminSecret": "x"}}, secrets=frozenset())
    )
    assert required_keys({"grafana": grafana.sections["grafana"]}) == []
    assert required_keys({}) == []
