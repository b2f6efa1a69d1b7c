"""Credentials are only in mounted Secrets; a rotation restarts no pod.

Every credential of the program is set to a canary value that is searched for everywhere.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from common.secrets import ALERTMANAGER_TOKENS
from manifests.grafana_ini import SECRET_KEY_FILE
from preflight.secrets import RequiredKey, secret_problems
from settings.credentials import (
    CREDENTIALS,
    GRAFANA_OAUTH_CLIENT_SECRET,
    Credential,
    required_in_config,
    supported_credentials,
)
from tests.engine.leaks import cluster_objects
from tools.canaries import canary, every_channel_flag, leaked_credentials
from tools.checkout import Checkout

# Channels that are disabled in stack `local`.
CHANNELS: Final = {**every_channel_flag(), "pagerdutyTeams": ["data"]}
# Settings that enable single sign-on in Grafana.
GRAFANA: Final = {
    "monitoring:links": {"runbooks": "https://runbooks.example", "grafana": "https://grafana.example"},
    "monitoring:grafana": {
        "signOn": {
            "name": "Example",
            "clientId": "grafana",
            "authUrl": "https://id.example/authorize",
            "tokenUrl": "https://id.example/token",
            "apiUrl": "https://id.example/user",
            "roleAttributePath": "'Viewer'",
        }
    },
}
TOKENS_SECRET: Final = f"Secret/{ALERTMANAGER_TOKENS} in monitoring"
GRAFANA_SECRET: Final = "Secret/grafana-files in monitoring"
# Secrets and keys of generated passwords.
GENERATED: Final = (("grafana-admin", "admin-password"), ("grafana-files", SECRET_KEY_FILE))
ROTATED: Final = "https://rotated.example/"
# Maximum safe log level: above it the engine traces every property that it passes to a provider.
MAX_LOG_LEVEL: Final = 8


def pulumi(checkout: Checkout, *arguments: str) -> str:
    """Run the engine and return its output, including errors and debug log."""
    completed = checkout.run_engine(*arguments, timeout=400)
    assert completed.returncode == 0, completed.stdout[-2000:]
    return completed.stdout


def credentials(notifications: dict[str, Any]) -> tuple[Credential, ...]:
    """Return every credential that the stack supports."""
    return (*supported_credentials(notifications), GRAFANA_OAUTH_CLIENT_SECRET)


@pytest.fixture(scope="module")
def notifications(checkout: Checkout) -> dict[str, Any]:
    """Notification settings of the stack, with all channels enabled."""
    with checkout.edit_settings() as settings:
        changed: dict[str, Any] = settings["monitoring:notifications"] | CHANNELS
        settings |= {"monitoring:notifications": changed, **GRAFANA}
    return changed


@pytest.fixture(scope="module")
def printed(checkout: Checkout, notifications: dict[str, Any], charts: Path | None) -> dict[str, str]:
    """Output of the engine by command, for a stack with canary credentials."""
    assert checkout.run("cluster").returncode == 0
    checkout.control_plane.apply_external_objects()
    checkout.provide_charts(charts)
    checkout.deployment.select()
    for credential in credentials(notifications):
        path = ["--path"] if "." in credential.key else []
        pulumi(checkout, "config", "set", "--secret", *path, f"monitoring:{credential.key}", canary(credential))
    return {
        "preview --diff": pulumi(checkout, "preview", "--diff"),
        "preview --json": pulumi(checkout, "preview", "--json"),
        "up": pulumi(checkout, "up", "--yes", "--skip-preview", "--diff", "--logtostderr", f"-v={MAX_LOG_LEVEL}"),
        "preview": pulumi(checkout, "preview"),
        "stack output": pulumi(checkout, "stack", "output", "--json"),
        "stack export": pulumi(checkout, "stack", "export"),
        "config": pulumi(checkout, "config"),
    }


def test_every_channel_is_enabled(notifications: dict[str, Any]) -> None:
    missing = {each.key for each in supported_credentials(notifications)} - {
        each.key for each in required_in_config(notifications)
    }
    # Replaced by the webhooks; it is set but not required.
    assert missing == {"slackBotToken"}


def test_no_output_of_the_engine_contains_a_credential(printed: dict[str, str], notifications: dict[str, Any]) -> None:
    assert "alertmanager-tokens" in printed["up"]
    found = {command: leaked_credentials(credentials(notifications), text) for command, text in printed.items()}
    assert found == {command: set() for command in printed}


def test_no_state_or_log_file_contains_a_credential(
    checkout: Checkout, printed: dict[str, str], notifications: dict[str, Any]
) -> None:
    folders = (checkout.deployment.backend, checkout.control_plane.state / "logs")
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    assert len(files) > 10
    leaks = {
        file.name: leaked_credentials(credentials(notifications), file.read_text(errors="replace")) for file in files
    }
    assert {name: found for name, found in leaks.items() if found} == {}


def test_the_cluster_has_each_credential_in_exactly_one_secret(
    checkout: Checkout, printed: dict[str, str], notifications: dict[str, Any]
) -> None:
    texts = dict(cluster_objects(checkout.control_plane))
    for kind in ("Secret/sh.helm.release.v1.", "Secret/alertmanager-alertmanager-generated", "ConfigMap/", "Event/"):
        assert any(name.startswith(kind) for name in texts)
    leaks = {name: leaked_credentials(credentials(notifications), text) for name, text in texts.items()}
    assert {name: found for name, found in leaks.items() if found} == {
        TOKENS_SECRET: {credential.key for credential in required_in_config(notifications)},
        GRAFANA_SECRET: {GRAFANA_OAUTH_CLIENT_SECRET.key},
    }


@pytest.mark.parametrize(("secret", "key"), GENERATED)
def test_a_generated_password_is_only_in_its_secret(
    checkout: Checkout, printed: dict[str, str], secret: str, key: str
) -> None:
    encoded = checkout.control_plane.kubectl(
        "get", "secret", secret, "--namespace=monitoring", f"--output=go-template={{{{index .data {json.dumps(key)}}}}}"
    )
    password = base64.b64decode(encoded).decode()
    assert len(password) == 32
    texts = printed | dict(cluster_objects(checkout.control_plane))
    assert [name for name, text in texts.items() if password in text or encoded in text] == [
        f"Secret/{secret} in monitoring"
    ]


def test_the_search_unpacks_helm_records_and_generated_configuration(
    checkout: Checkout, printed: dict[str, str]
) -> None:
    texts = dict(cluster_objects(checkout.control_plane))
    releases = [text for name, text in texts.items() if name.startswith("Secret/sh.helm.release.v1.")]
    assert len(releases) >= 5
    assert all('"chart":' in text for text in releases)
    (generated,) = (text for name, text in texts.items() if name.startswith("Secret/alertmanager-alertmanager-gen"))
    assert "receivers:" in generated


def test_an_existing_secret_without_a_required_key_is_a_problem(
    checkout: Checkout, printed: dict[str, str], notifications: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in checkout.deployment.environment().items():
        monkeypatch.setenv(name, value)
    required, all_keys = (
        [RequiredKey(setting="s", secret=ALERTMANAGER_TOKENS, key=credential.file) for credential in credentials]
        for credentials in (required_in_config(notifications), CREDENTIALS)
    )
    assert secret_problems("bais-local", "monitoring", required) == []
    (problem,) = secret_problems("bais-local", "monitoring", all_keys)
    assert problem.found == "Secret alertmanager-tokens without key slack-bot-token"
    (problem,) = secret_problems("bais-local", "no-such-namespace", all_keys)
    assert problem.found == "no Secret alertmanager-tokens in namespace no-such-namespace"


@dataclass(frozen=True)
class Rotation:
    """Rotation of one credential.

    Attributes:
        planned: Planned operations and logical names.
        trace: Output of the engine with tracing.
        before: Pods and StatefulSets before, by uid and generation.
        after: Pods and StatefulSets after, by uid and generation.
    """

    planned: list[tuple[str, str]]
    trace: str
    before: list[tuple[str, str]]
    after: list[tuple[str, str]]


def running(checkout: Checkout) -> list[tuple[str, str]]:
    kinds = "statefulsets,pods"
    items = json.loads(checkout.control_plane.kubectl("get", kinds, "--all-namespaces", "--output=json"))["items"]
    return sorted((each["metadata"]["uid"], str(each["metadata"].get("generation"))) for each in items)


@pytest.fixture(scope="module")
def rotation(checkout: Checkout, printed: dict[str, str]) -> Rotation:
    before = running(checkout)
    pulumi(checkout, "config", "set", "--secret", "monitoring:slackWarningWebhookUrl", ROTATED)
    planned = [
        (step["op"], step["urn"].rpartition("::")[2])
        for step in json.loads(pulumi(checkout, "preview", "--json"))["steps"]
        if step["op"] != "same"
    ]
    trace = pulumi(checkout, "up", "--yes", "--skip-preview", "--logtostderr", f"-v={MAX_LOG_LEVEL + 1}")
    return Rotation(planned=planned, trace=trace, before=before, after=running(checkout))


def test_a_rotation_changes_one_secret_and_restarts_no_pod(checkout: Checkout, rotation: Rotation) -> None:
    assert rotation.planned == [("update", "alertmanager-tokens")]
    assert [name for name, text in cluster_objects(checkout.control_plane) if ROTATED in text] == [TOKENS_SECRET]
    assert rotation.before
    assert rotation.after == rotation.before


def test_the_trace_of_the_engine_contains_secrets_as_documented(rotation: Rotation) -> None:
    """If this fails, the engine masks secrets.

    Then remove the warning in docs/reference/secrets.md and raise MAX_LOG_LEVEL.
    """
    assert ROTATED in rotation.trace
