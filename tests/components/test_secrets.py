"""Secrets that the program creates from the credentials of a stack."""

from dataclasses import replace
from typing import Any, Final

import pulumi
import pytest

from common.secrets import ALERTMANAGER_TOKENS, PROGRAM_SECRETS, is_created_by_stack
from settings.credentials import CREDENTIALS, mounted_credentials, required_in_config
from settings.loader import RawConfig
from tools.canaries import canary, every_channel_flag
from tools.mocked_program import Registration, Run, configuration, run_program

SECRET: Final = "kubernetes:core/v1:Secret"
ALERTMANAGER: Final = "kubernetes:monitoring.coreos.com/v1:Alertmanager"
EMAIL: Final = {"from": "a@b.c", "smarthost": "b.c:587", "onCall": "d@b.c"}


@pytest.fixture(autouse=True)
def _cluster(cluster_answers: None) -> None:
    pass


def prod(**notifications: Any) -> RawConfig:
    """Return the stack `prod` with changed notifications and their credentials."""
    base = configuration("prod", "upstream")
    before = base.values["notifications"]
    assert isinstance(before, dict)
    changed = before | notifications
    keys = frozenset(credential.key for credential in required_in_config(changed))
    return replace(base, values={**base.values, "notifications": changed}, secrets=keys)


def secrets(done: Run) -> dict[str, Registration]:
    return {secret.inputs["metadata"]["name"]: secret for secret in done.of_type(SECRET)}


def test_every_credential_becomes_a_file_of_one_secret() -> None:
    base = prod(pagerdutyTeams=["data", "data-science"])
    secret = secrets(run_program(base))[ALERTMANAGER_TOKENS]
    required = required_in_config(base.values["notifications"])
    assert {"pagerduty-routing-key-data", "pagerduty-routing-key-data-science"} < {
        credential.file for credential in required
    }
    assert secret.decrypted["stringData"] == {credential.file: canary(credential) for credential in required}


@pytest.mark.parametrize("key", ["slackWarningWebhookUrl", "pagerdutyRoutingKey", "pagerdutyTeamRoutingKeys.data"])
def test_a_new_credential_changes_only_its_secret(key: str) -> None:
    before = prod(pagerdutyTeams=["data"])
    new = "https://new.example/" if key.startswith("slack") else "0123456789abcdef0123456789abcdef"
    first, second = run_program(before), run_program(replace(before, decrypted={key: new}))
    old = {resource.qualified: resource for resource in first.resources}
    changed = [each for each in second.resources if each.decrypted != old[each.qualified].decrypted]
    assert len(second.resources) == len(first.resources)
    assert [resource.name for resource in changed] == ["alertmanager-tokens"]
    # The pods do not restart: the custom resource has the names of files, not the values.
    (instance,) = second.of_type(ALERTMANAGER)
    assert new not in repr(instance.decrypted)


def test_a_malformed_credential_stops_the_program_before_it_registers_resources() -> None:
    done = Run()
    wrong = replace(prod(), decrypted={"pagerdutyRoutingKey": "hush-hush", "smtpPassword": ""})
    with pytest.raises(pulumi.RunError, match=r"\A2 problems in the settings of stack prod:\n") as raised:
        run_program(wrong, done=done)
    assert done.resources == []
    assert "monitoring:pagerdutyRoutingKey  found a string of 9 characters; allowed: 32 letters" in str(raised.value)
    assert "monitoring:smtpPassword         found an empty string; allowed: one line" in str(raised.value)
    assert "hush" not in str(raised.value)


def test_an_existing_secret_replaces_that_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("preflight.plan.secret_problems", lambda *_: [])
    base = prod(secretSource="existing", existingSecret="bais-alertmanager")
    assert base.secrets == frozenset()
    done = run_program(base)
    assert set(secrets(done)) == {"alertmanager-configuration", "grafana-admin", "grafana-files"}
    (instance,) = done.of_type(ALERTMANAGER)
    assert instance.inputs["spec"]["secrets"] == ["bais-alertmanager"]
    text = secrets(done)["alertmanager-configuration"].decrypted["stringData"]["alertmanager.yaml"]
    read = {word for word in text.split() if word.startswith("/etc/alertmanager/secrets/")}
    assert read == {
        f"/etc/alertmanager/secrets/bais-alertmanager/{credential.file}"
        for credential in mounted_credentials(base.values["notifications"])
    }


def test_an_existing_secret_is_checked_before_resources_are_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []

    def check(*arguments: Any) -> list[Any]:
        calls.append(arguments)
        return []

    monkeypatch.setattr("preflight.plan.secret_problems", check)
    run_program(prod(**every_channel_flag(), secretSource="existing", existingSecret="bais-alertmanager"))
    ((context, namespace, required),) = calls
    assert (context, namespace) == ("bais-prod", "monitoring")
    files = {each.key for each in required if each.secret == "bais-alertmanager"}
    assert files == {credential.file for credential in CREDENTIALS if credential.key != "slackBotToken"}


def test_the_names_of_all_created_secrets_are_refused_in_settings() -> None:
    assert set(secrets(run_program(prod()))) == set(PROGRAM_SECRETS)
    assert all(is_created_by_stack(name) for name in PROGRAM_SECRETS)
