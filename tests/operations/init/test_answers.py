"""Settings that the answers about a new stack make, and their problems."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from common.project import PROJECT
from operations.init.asking import complete
from operations.init.checks import all_problems, given_problems, question_problems, read_answers, required_credentials
from operations.init.platforms import PLATFORMS
from operations.init.questions import QUESTIONS, Context
from operations.init.repository import address_of
from operations.init.stack_file import settings_from, stack_file_text
from settings.credentials import CREDENTIALS
from tests.operations.init.answers import ANSWERS, SECRETS


def completed(**answers: str) -> dict[str, str]:
    given = {**ANSWERS, **{name.replace("_", "-"): answer for name, answer in answers.items()}}
    return complete(given, Context())


def found(given: Mapping[str, str] | None = None, **answers: str) -> list[str]:
    """The names of the answers and secrets with a problem."""
    values = {each.key: SECRETS[each.file] for each in CREDENTIALS} if given is None else given
    all_answers = completed(**answers)
    required = {each.key for each in required_credentials("qa", all_answers)}
    return [each.key for each in all_problems("qa", all_answers, {k: v for k, v in values.items() if k in required})]


def written(**answers: str) -> dict[str, Any]:
    return settings_from("qa", completed(**answers))


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("kind", ["production", "test"])
def test_the_defaults_of_a_platform_are_valid_settings(platform: str, kind: str) -> None:
    assert found(platform=platform, kind=kind) == []


@pytest.mark.parametrize("channels", ["slack", "mail", "slack,mail,dead-mans-switch", "mail,pagerduty"])
def test_each_combination_of_channels_is_valid_with_its_own_answers_only(channels: str) -> None:
    answers = {name: answer for name, answer in ANSWERS.items() if "mail" in channels or not name.startswith("mail-")}
    complete_answers = complete(answers | {"channels": channels}, Context())
    secrets = {each.key: SECRETS[each.file] for each in required_credentials("qa", complete_answers)}
    assert all_problems("qa", complete_answers, secrets) == []


def test_each_wrong_answer_is_reported_under_its_own_name() -> None:
    wrong = {
        "platform": "kindd",
        "kind": "staging",
        "context": "a context",
        "namespace": "kube-system",
        "storage-class": "Standard",
        "channels": "slack,teams,mail",
        "slack-access": "token",
        "mail-server": "smtp.example.com",
        "mail-from": "monitoring",
        "mail-to": "on call@example.com",
        "existing-secret": "alertmanager-tokens",
        "grafana-url": "ftp://grafana.example.com",
        "runbooks-url": "runbooks",
        "services": "api,Worker",
        "secrets-provider": "vault",
    }
    assert set(found(None, **{name.replace("-", "_"): answer for name, answer in wrong.items()})) == set(wrong)


def test_a_wrong_answer_is_found_at_its_question_and_not_before() -> None:
    for question in QUESTIONS:
        assert (
            question_problems(question, "qa", completed(**{question.name: completed().get(question.name, "-")})) == []
        )
    (mail_to,) = (each for each in QUESTIONS if each.name == "mail-to")
    (channels,) = (each for each in QUESTIONS if each.name == "channels")
    assert question_problems(mail_to, "qa", {"channels": "mail", "mail-to": "no-address"}) != []
    assert question_problems(channels, "qa", {"channels": "mail"}) == []
    assert question_problems(channels, "qa", {"channels": "pagerduty"}) != []


def test_answers_given_in_advance_are_checked_before_the_first_question() -> None:
    assert given_problems("qa", ANSWERS) == []
    wrong = {"channels": "mail", "mail-to": "on-call", "colour": "red", "platform": "kindd"}
    assert sorted(each.key for each in given_problems("qa", wrong)) == ["colour", "mail-to", "platform"]


def test_without_slack_and_mail_warnings_would_reach_no_one() -> None:
    assert "channels" in found(channels="pagerduty,dead-mans-switch")


def test_staging_never_pages() -> None:
    answers = completed()
    secrets = {each.key: SECRETS[each.file] for each in required_credentials("staging", answers)}
    assert [each.key for each in all_problems("staging", answers, secrets)] == ["channels"]


def test_an_ingress_needs_a_host_with_a_certificate() -> None:
    assert found(grafana_url="https://grafana.example.com", tls_secret="grafana-certificate") == []
    assert found(grafana_url="https://grafana.example.com:8443", tls_secret="grafana-certificate") == ["grafana-url"]


def test_an_unknown_question_and_an_answer_without_a_question_are_reported() -> None:
    assert found(colour="red") == ["colour"]
    assert set(found(channels="slack")) == {"mail-server", "mail-from", "mail-to"}


def test_each_missing_or_malformed_secret_is_reported_without_its_value() -> None:
    answers = completed()
    malformed = {each.key: "CANARY value" for each in required_credentials("qa", answers) if "Password" not in each.key}
    problems = all_problems("qa", answers, malformed)
    assert {each.key.removeprefix("secret ") for each in problems} == {
        each.file for each in required_credentials("qa", answers)
    }
    assert "CANARY" not in str(problems)


def test_an_existing_secret_needs_no_other_secret() -> None:
    assert found({}, existing_secret="bais-alertmanager") == []
    assert written(existing_secret="bais-alertmanager")["notifications"]["secretSource"] == "existing"


def test_the_storage_class_is_that_of_all_volumes() -> None:
    settings = written(storage_class="fast")
    assert {settings[each]["storage"]["storageClass"] for each in ("prometheus", "alertmanager", "grafana")} == {"fast"}
    assert "storageClass" not in written(storage_class="-")["prometheus"]["storage"]


def test_answers_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text("platform: kind\nchannels: [slack, mail]\nservices: []\n")
    assert read_answers(file) == {"platform": "kind", "channels": "slack,mail", "services": "-"}


def test_a_stack_file_has_no_anchors_and_lists_its_secrets() -> None:
    answers = completed()
    text = stack_file_text("qa", settings_from("qa", answers), {}, {"encryptionsalt": "v1:a"})
    assert "&id" not in text
    assert [each.command("qa") in text for each in required_credentials("qa", answers)] == [True] * 6
    assert yaml.safe_load(text)["encryptionsalt"] == "v1:a"


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("git@github.com:bais/monitoring.git", "https://github.com/bais/monitoring/blob/main"),
        ("https://user:token@github.com/bais/monitoring", "https://github.com/bais/monitoring/blob/main"),
        (
            "ssh://git@gitlab.example.com:2222/a/b/monitoring.git",
            "https://gitlab.example.com/a/b/monitoring/-/blob/main",
        ),
        ("https://git.example.com/bais/monitoring.git", ""),
        ("/srv/git/monitoring", ""),
        ("", ""),
    ],
)
def test_the_address_of_the_runbooks_is_that_of_the_remote(remote: str, address: str) -> None:
    assert address_of(remote) == address


def test_every_option_is_in_the_guide() -> None:
    guide = (PROJECT / "docs" / "guides" / "getting-started.md").read_text()
    assert [each.name for each in QUESTIONS if f"`{each.name}`" not in guide] == []
