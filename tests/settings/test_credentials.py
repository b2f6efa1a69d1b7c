"""Credentials of a stack: sources, formats, and messages that never repeat a value."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.problems import Problem
from common.secrets import ALERTMANAGER_TOKENS
from settings.credential_checks import credential_problems
from settings.credentials import (
    CREDENTIALS,
    Credential,
    mounted_credentials,
    required_in_config,
    team_routing_key,
)
from settings.notifications import NotificationsSettings
from tools.canaries import canary, every_channel_flag, leaked_credentials

EMAIL = {"from": "a@b.c", "smarthost": "b.c:587", "onCall": "d@b.c"}
EVERYTHING: Mapping[str, Any] = {
    **every_channel_flag(),
    "slack": {},
    "pagerdutyTeams": ["data"],
    "email": EMAIL,
}
BY_BOT = {**EVERYTHING, "slack": {"botToken": True}}
ELSEWHERE = {**EVERYTHING, "secretSource": "existing", "existingSecret": "bais-alertmanager"}
EACH = (*CREDENTIALS, team_routing_key("data"))


def problems(notifications: Mapping[str, Any], decrypted: Mapping[str, str]) -> list[Problem]:
    """Return the problems of a stack `prod` with these encrypted values."""
    return credential_problems({"notifications": notifications}, frozenset(decrypted), decrypted, "prod")


def canaries(*credentials: Credential) -> dict[str, str]:
    return {credential.key: canary(credential) for credential in credentials}


def credential_of(key: str) -> Credential:
    (credential,) = (credential for credential in EACH if credential.key == key)
    return credential


@pytest.mark.parametrize("notifications", [EVERYTHING, BY_BOT])
def test_the_required_credentials_are_sufficient(notifications: Mapping[str, Any]) -> None:
    assert problems(notifications, canaries(*required_in_config(notifications))) == []


def test_a_bot_token_replaces_every_webhook() -> None:
    slack = [credential.key for credential in required_in_config(BY_BOT) if credential.key.startswith("slack")]
    assert slack == ["slackBotToken"]
    assert "slackBotToken" not in [credential.key for credential in required_in_config(EVERYTHING)]


@pytest.mark.parametrize("credential", EACH, ids=lambda credential: str(credential.key))
def test_a_missing_credential_is_reported_with_the_command_that_sets_it(credential: Credential) -> None:
    notifications = BY_BOT if credential.key == "slackBotToken" else EVERYTHING
    others = [other for other in required_in_config(notifications) if other.key != credential.key]
    path = "--path " if "." in credential.key else ""
    assert problems(notifications, canaries(*others)) == [
        Problem(
            f"monitoring:{credential.key}",
            "nothing",
            f"pulumi config set --secret {path}monitoring:{credential.key} <value> --stack prod",
        )
    ]


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("slackWarningWebhookUrl", "", "an empty string"),
        ("slackWarningWebhookUrl", "http://hooks.slack.com/services/T0/B0/x", "a string of 39 characters"),
        ("slackWarningWebhookUrl", "https:///services", "a string of 17 characters"),
        ("slackWarningWebhookUrl", "https://hooks.slack.com/services/T0\n", "a string of 36 characters"),
        ("deadMansSwitchUrl", "http://127.0.0.1.example/", "a string of 25 characters"),
        ("slackBotToken", "xoxp-1-2", "a string of 8 characters"),
        ("pagerdutyRoutingKey", "0" * 31, "a string of 31 characters"),
        ("pagerdutyRoutingKey", "0" * 31 + "-", "a string of 32 characters"),
        ("pagerdutyTeamRoutingKeys.data", "0" * 33, "a string of 33 characters"),
        ("smtpPassword", " hush", "a string of 5 characters"),
        ("smtpPassword", "hush\nhush", "a string of 9 characters"),
    ],
)
def test_a_malformed_credential_is_described_by_its_length(key: str, value: str, found: str) -> None:
    notifications = BY_BOT if key == "slackBotToken" else EVERYTHING
    values = canaries(*required_in_config(notifications)) | {key: value}
    assert problems(notifications, values) == [Problem(f"monitoring:{key}", found, credential_of(key).format.allowed)]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("slackWarningWebhookUrl", "https://hooks.slack.com/services/T0/B0/x"),
        ("deadMansSwitchUrl", "https://switch.example:8443?token=x"),
        ("deadMansSwitchUrl", "http://127.0.0.1:9/x"),
        ("slackBotToken", "xoxb-1-2-aB"),
        ("slackBotToken", "xoxe.xoxb-1-aB"),
        ("pagerdutyRoutingKey", "R0" + "a" * 30),
        ("smtpPassword", "p"),
        ("smtpPassword", "two words: {}"),
    ],
)
def test_a_credential_in_the_format_of_its_issuer_is_accepted(key: str, value: str) -> None:
    assert credential_of(key).format.accepts(value)


@given(st.text(max_size=60), st.characters())
def test_a_message_depends_only_on_the_length_of_a_value(value: str, other: str) -> None:
    for credential in EACH:
        replaced = other * len(value)
        if not credential.format.accepts(value) and not credential.format.accepts(replaced):
            notifications = BY_BOT if credential.key == "slackBotToken" else EVERYTHING
            valid = canaries(*required_in_config(notifications))
            assert problems(notifications, valid | {credential.key: value}) == problems(
                notifications, valid | {credential.key: replaced}
            )


@pytest.mark.parametrize("notifications", [EVERYTHING, BY_BOT, ELSEWHERE, {"slack": {}}, {"email": EMAIL}])
def test_typed_and_raw_notifications_require_the_same_credentials(notifications: Mapping[str, Any]) -> None:
    typed = NotificationsSettings.model_validate(notifications)
    assert typed.credentials == required_in_config(notifications)
    assert typed.mounted_credentials == mounted_credentials(notifications) != ()


class TestExistingSecret:
    """Alertmanager reads the same files from a Secret that the program does not manage."""

    def test_no_encrypted_value_is_required_but_every_file_is_mounted(self) -> None:
        assert problems(ELSEWHERE, {}) == []
        assert required_in_config(ELSEWHERE) == ()
        assert mounted_credentials(ELSEWHERE) == mounted_credentials(EVERYTHING)

    def test_an_encrypted_value_in_the_configuration_is_a_problem(self) -> None:
        found = problems(ELSEWHERE, canaries(*EACH))
        assert [problem.key for problem in found] == [f"monitoring:{credential.key}" for credential in EACH]
        assert {problem.found for problem in found} == {"a value here although notifications.secretSource is existing"}
        assert found[0].allowed == "one source: pulumi config rm monitoring:slackCriticalWebhookUrl --stack prod"
        assert (
            found[-1].allowed
            == "one source: pulumi config rm --path monitoring:pagerdutyTeamRoutingKeys.data --stack prod"
        )
        assert leaked_credentials(EACH, repr(found)) == set()

    def test_an_unencrypted_value_in_the_configuration_is_a_problem(self) -> None:
        (problem,) = credential_problems({"notifications": ELSEWHERE, "smtpPassword": "hush"}, frozenset(), {}, "prod")
        assert problem.found == "a value here although notifications.secretSource is existing"


def test_every_credential_has_a_unique_file() -> None:
    files = [credential.file for credential in EACH]
    assert len(files) == len(set(files))
    assert ALERTMANAGER_TOKENS not in files
