"""Which Secrets the program makes of a stack's credentials, and what changes with one of them."""

from dataclasses import replace
from typing import Any

import pulumi
import pytest

from settings.credentials import CREDENTIALS, TOKENS, mounted_credentials, required_in_config
from settings.loader import RawConfig
from tools.canaries import canary, every_channel_flag
from tools.mocked_program import Registration, Run, configuration, run_program

SECRET = "kubernetes:core/v1:Secret"
ALERTMANAGER = "kubernetes:monitoring.coreos.com/v1:Alertmanager"
EMAIL = {"from": "a@b.c", "smarthost": "b.c:587", "onCall": "d@b.c"}


@pytest.fixture(autouse=True)
def _cluster(cluster_answers: None) -> None:
    pass


def prod(**notifications: Any) -> RawConfig:
    """The stack `prod` with changed notifications and the credentials that they ask for."""
    written = configuration("prod", "upstream")
    before = written.values["notifications"]
    assert isinstance(before, dict)
    changed = before | notifications
    keys = frozenset(credential.key for credential in required_in_config(changed))
    return replace(written, values={**written.values, "notifications": changed}, secrets=keys)


def secrets(done: Run) -> dict[str, Registration]:
    return {secret.inputs["metadata"]["name"]: secret for secret in done.of_type(SECRET)}


def test_every_credential_becomes_a_file_of_one_secret() -> None:
    written = prod(pagerdutyTeams=["data", "data-science"])
    made = secrets(run_program(written))[TOKENS]
    asked = required_in_config(written.values["notifications"])
    assert {"pagerduty-routing-key-data", "pagerduty-routing-key-data-science"} < {each.file for each in asked}
    assert made.decrypted["stringData"] == {credential.file: canary(credential) for credential in asked}


@pytest.mark.parametrize("key", ["slackWarningWebhookUrl", "pagerdutyRoutingKey", "pagerdutyTeamRoutingKeys.data"])
def test_a_new_value_changes_one_secret_and_nothing_else(key: str) -> None:
    before = prod(pagerdutyTeams=["data"])
    new = "https://new.example/" if key.startswith("slack") else "0123456789abcdef0123456789abcdef"
    first, second = run_program(before), run_program(replace(before, decrypted={key: new}))
    old = {resource.qualified: resource for resource in first.resources}
    changed = [each for each in second.resources if each.decrypted != old[each.qualified].decrypted]
    assert len(second.resources) == len(first.resources)
    assert [resource.name for resource in changed] == ["alertmanager-tokens"]
    # Nor do the pods notice: what they are made from names files, not values.
    (instance,) = second.of_type(ALERTMANAGER)
    assert new not in repr(instance.decrypted)


def test_a_value_of_another_shape_stops_the_program_before_it_registers_anything() -> None:
    done = Run()
    wrong = replace(prod(), decrypted={"pagerdutyRoutingKey": "hush-hush", "smtpPassword": ""})
    with pytest.raises(pulumi.RunError, match=r"\A2 problems in the settings of stack prod:\n") as raised:
        run_program(wrong, done=done)
    assert done.resources == []
    assert "monitoring:pagerdutyRoutingKey  found a string of 9 characters; allowed: 32 letters" in str(raised.value)
    assert "monitoring:smtpPassword         found an empty string; allowed: one line" in str(raised.value)
    assert "hush" not in str(raised.value)


def test_an_existing_secret_takes_the_place_of_the_programs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("preflight.plan.existing_secret_problems", lambda *_: [])
    written = prod(secretSource="existing", existingSecret="bais-alertmanager")
    assert written.secrets == frozenset()
    done = run_program(written)
    assert set(secrets(done)) == {"alertmanager-configuration", "grafana-admin", "grafana-files"}
    (instance,) = done.of_type(ALERTMANAGER)
    assert instance.inputs["spec"]["secrets"] == ["bais-alertmanager"]
    text = secrets(done)["alertmanager-configuration"].decrypted["stringData"]["alertmanager.yaml"]
    read = {word for word in text.split() if word.startswith("/etc/alertmanager/secrets/")}
    assert read == {
        f"/etc/alertmanager/secrets/bais-alertmanager/{credential.file}"
        for credential in mounted_credentials(written.values["notifications"])
    }


def test_an_existing_secret_is_looked_at_before_anything_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def look(*arguments: Any) -> list[Any]:
        asked.append(arguments)
        return []

    monkeypatch.setattr("preflight.plan.existing_secret_problems", look)
    run_program(prod(**every_channel_flag(), secretSource="existing", existingSecret="bais-alertmanager"))
    run_program(prod())
    ((context, namespace, name, files),) = asked
    assert (context, namespace, name) == ("bais-prod", "monitoring", "bais-alertmanager")
    assert set(files) == {credential for credential in CREDENTIALS if credential.key != "slackBotToken"}
