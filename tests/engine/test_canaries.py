"""Credentials are only in the Secrets that components mount; a new one for Alertmanager restarts nothing.

Every encrypted key of the program's own table is set to a value that is found again wherever it leaks.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.deploy.charts import choose_chart_source, provide_charts
from local.tools.toolset import binary
from manifests.grafana_ini import SECRET_KEY_FILE
from preflight.existing_secret import existing_secret_problems
from settings.credentials import (
    CREDENTIALS,
    GRAFANA_OAUTH_CLIENT_SECRET,
    TOKENS,
    Credential,
    required_in_config,
    supported_credentials,
)
from tests.engine.leaks import objects
from tools.canaries import canary, leaked_credentials
from tools.checkout import Checkout

CHANNELS = {"pagerduty": True, "pagerdutyTeams": ["data"]}
"""What the stack `local` does not have on; together with what it has, every channel."""
GRAFANA = {
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
"""The same for Grafana: single sign-on."""
HOLDER = f"Secret/{TOKENS} in monitoring"
HOLDER_OF_GRAFANA = "Secret/grafana-files in monitoring"
GENERATED = (("grafana-admin", "admin-password"), ("grafana-files", SECRET_KEY_FILE))
"""Secrets of passwords that the program makes itself, with their keys."""
NEW = "https://rotated.example/"
VERBOSE = 8
"""The most that a debug log may say: above it the engine traces every property that it hands to a provider."""


def pulumi(checkout: Checkout, *arguments: str) -> str:
    """All that the engine prints, errors and debug log included."""
    answer = subprocess.run(
        [str(binary("pulumi")), *arguments, "--stack=local", "--non-interactive"],
        cwd=checkout.folder,
        env=os.environ | checkout.deployment.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=400,
    )
    assert answer.returncode == 0, answer.stdout[-2000:]
    return answer.stdout


def credentials(notifications: dict[str, Any]) -> tuple[Credential, ...]:
    """Every one that the stack may have."""
    return (*supported_credentials(notifications), GRAFANA_OAUTH_CLIENT_SECRET)


@pytest.fixture(scope="module")
def notifications(checkout: Checkout) -> dict[str, Any]:
    """Those of the stack, which has all channels on."""
    with checkout.settings() as settings:
        changed: dict[str, Any] = settings["monitoring:notifications"] | CHANNELS
        settings |= {"monitoring:notifications": changed, **GRAFANA}
    return changed


@pytest.fixture(scope="module")
def printed(checkout: Checkout, notifications: dict[str, Any], charts: Path | None) -> dict[str, str]:
    """What the engine prints by command, for a stack that has a canary for every credential and is deployed."""
    assert checkout.run("cluster").returncode == 0
    folder = checkout.folder / ".state" / "charts"
    provide_charts(folder, choose_chart_source(folder, charts))
    checkout.deployment.select()
    for credential in credentials(notifications):
        path = ["--path"] if "." in credential.key else []
        pulumi(checkout, "config", "set", "--secret", *path, f"monitoring:{credential.key}", canary(credential))
    return {
        "preview --diff": pulumi(checkout, "preview", "--diff"),
        "preview --json": pulumi(checkout, "preview", "--json"),
        "up": pulumi(checkout, "up", "--yes", "--skip-preview", "--diff", "--logtostderr", f"-v={VERBOSE}"),
        "preview": pulumi(checkout, "preview"),
        "stack output": pulumi(checkout, "stack", "output", "--json"),
        "stack export": pulumi(checkout, "stack", "export"),
        "config": pulumi(checkout, "config"),
    }


def test_every_channel_is_on(notifications: dict[str, Any]) -> None:
    missing = {each.key for each in supported_credentials(notifications)} - {
        each.key for each in required_in_config(notifications)
    }
    # Its place is taken by the webhooks; it is set all the same, and nobody needs it.
    assert missing == {"slackBotToken"}


def test_nothing_that_the_engine_prints_holds_one(printed: dict[str, str], notifications: dict[str, Any]) -> None:
    assert "alertmanager-tokens" in printed["up"]
    found = {command: leaked_credentials(credentials(notifications), text) for command, text in printed.items()}
    assert found == {command: set() for command in printed}


def test_no_file_of_the_state_or_of_a_log_holds_one(
    checkout: Checkout, printed: dict[str, str], notifications: dict[str, Any]
) -> None:
    folders = (checkout.deployment.backend, checkout.control_plane.state / "logs")
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    assert len(files) > 10
    leaks = {
        file.name: leaked_credentials(credentials(notifications), file.read_text(errors="replace")) for file in files
    }
    assert {name: found for name, found in leaks.items() if found} == {}


def test_the_cluster_holds_each_in_one_secret_and_nowhere_else(
    checkout: Checkout, printed: dict[str, str], notifications: dict[str, Any]
) -> None:
    texts = dict(objects(checkout.control_plane))
    for kind in ("Secret/sh.helm.release.v1.", "Secret/alertmanager-alertmanager-generated", "ConfigMap/", "Event/"):
        assert any(name.startswith(kind) for name in texts)
    leaks = {name: leaked_credentials(credentials(notifications), text) for name, text in texts.items()}
    assert {name: found for name, found in leaks.items() if found} == {
        HOLDER: {credential.key for credential in required_in_config(notifications)},
        HOLDER_OF_GRAFANA: {GRAFANA_OAUTH_CLIENT_SECRET.key},
    }


@pytest.mark.parametrize(("secret", "key"), GENERATED)
def test_a_generated_password_stands_in_its_secret_and_nowhere_else(
    checkout: Checkout, printed: dict[str, str], secret: str, key: str
) -> None:
    encoded = checkout.control_plane.kubectl(
        "get", "secret", secret, "--namespace=monitoring", f"--output=go-template={{{{index .data {json.dumps(key)}}}}}"
    )
    password = base64.b64decode(encoded).decode()
    assert len(password) == 32
    texts = printed | dict(objects(checkout.control_plane))
    assert [name for name, text in texts.items() if password in text or encoded in text] == [
        f"Secret/{secret} in monitoring"
    ]


def test_the_search_sees_through_what_helm_and_the_operator_pack(checkout: Checkout, printed: dict[str, str]) -> None:
    texts = dict(objects(checkout.control_plane))
    releases = [text for name, text in texts.items() if name.startswith("Secret/sh.helm.release.v1.")]
    assert len(releases) >= 5
    assert all('"chart":' in text for text in releases)
    (generated,) = (text for name, text in texts.items() if name.startswith("Secret/alertmanager-alertmanager-gen"))
    assert "receivers:" in generated


def test_kubectl_tells_a_whole_secret_from_one_that_lacks_a_file(
    checkout: Checkout, printed: dict[str, str], notifications: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in checkout.deployment.environment().items():
        monkeypatch.setenv(name, value)
    assert existing_secret_problems("bais-local", "monitoring", TOKENS, required_in_config(notifications)) == []
    (problem,) = existing_secret_problems("bais-local", "monitoring", TOKENS, CREDENTIALS)
    assert problem.found == "Secret alertmanager-tokens with no key slack-bot-token"
    (problem,) = existing_secret_problems("bais-local", "no-such-namespace", TOKENS, CREDENTIALS)
    assert problem.found == "no Secret alertmanager-tokens in namespace no-such-namespace"


@dataclass(frozen=True)
class Rotation:
    """One new value: what the engine planned, what it printed, and the pods and their makers before and after."""

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
    pulumi(checkout, "config", "set", "--secret", "monitoring:slackWarningWebhookUrl", NEW)
    planned = [
        (step["op"], step["urn"].rpartition("::")[2])
        for step in json.loads(pulumi(checkout, "preview", "--json"))["steps"]
        if step["op"] != "same"
    ]
    trace = pulumi(checkout, "up", "--yes", "--skip-preview", "--logtostderr", f"-v={VERBOSE + 1}")
    return Rotation(planned=planned, trace=trace, before=before, after=running(checkout))


def test_a_new_value_changes_one_secret_and_restarts_nothing(checkout: Checkout, rotation: Rotation) -> None:
    assert rotation.planned == [("update", "alertmanager-tokens")]
    assert [name for name, text in objects(checkout.control_plane) if NEW in text] == [HOLDER]
    assert rotation.before
    assert rotation.after == rotation.before


def test_the_engines_own_trace_is_as_revealing_as_the_documentation_warns(rotation: Rotation) -> None:
    """Should the engine hide it one day, the warning in docs/secrets.md can go and VERBOSE can rise."""
    assert NEW in rotation.trace
