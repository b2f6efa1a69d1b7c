import re
from dataclasses import replace
from pathlib import Path
from typing import get_origin

import pytest
import yaml

from common.project import PROJECT
from preflight.passphrase import is_correct_passphrase
from settings.credentials import CREDENTIALS, required_in_config
from settings.loader import load_sections
from settings.sources import PROJECT_NAME as PROJECT_NAME
from settings.sources import from_file
from settings.stack import StackSettings
from tools.mocked_program import STACKS, credential_keys

PROJECT_FILE = yaml.safe_load((PROJECT / "Pulumi.yaml").read_text())
# The declared keys of this project, without those of other namespaces such as `pulumi:`.
DECLARED = {key: kind for key, kind in PROJECT_FILE["config"].items() if ":" not in key}


def test_the_three_environments_have_a_stack_file() -> None:
    assert {"local", "staging", "prod"} <= set(STACKS)


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_file_has_valid_settings(stack: str) -> None:
    config = from_file(PROJECT / f"Pulumi.{stack}.yaml", PROJECT / "Pulumi.yaml")
    result = load_sections(replace(config, secrets=config.secrets | credential_keys()))
    assert result.problems == ()
    assert result.sections["environment"] == stack
    assert result.sections["cluster"].name == f"bais-{stack}"


def test_the_local_stack_has_exactly_the_required_secrets() -> None:
    config = from_file(PROJECT / "Pulumi.local.yaml", PROJECT / "Pulumi.yaml")
    assert config.secrets == {credential.key for credential in required_in_config(config.values["notifications"])}


@pytest.mark.parametrize("stack", [stack for stack in STACKS if stack != "local"])
def test_a_stack_file_documents_the_command_for_each_required_secret(stack: str) -> None:
    text = (PROJECT / f"Pulumi.{stack}.yaml").read_text()
    config = from_file(PROJECT / f"Pulumi.{stack}.yaml", PROJECT / "Pulumi.yaml")
    documented = set(re.findall(rf"--secret monitoring:(\w+) <value> --stack {stack}\n", text))
    assert documented == {credential.key for credential in required_in_config(config.values["notifications"])}


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_file_has_no_undeclared_key(stack: str) -> None:
    config = yaml.safe_load((PROJECT / f"Pulumi.{stack}.yaml").read_text())["config"]
    assert {key.split(":")[0] for key in config} == {PROJECT_NAME}
    assert {key.split(":")[1] for key in config} <= set(DECLARED) | credential_keys()


@pytest.mark.parametrize("stack", STACKS)
def test_a_secret_in_a_stack_file_is_encrypted(stack: str) -> None:
    config = yaml.safe_load((PROJECT / f"Pulumi.{stack}.yaml").read_text())["config"]
    for credential in CREDENTIALS:
        value = config.get(f"{PROJECT_NAME}:{credential.key}")
        assert value is None or set(value) == {"secure"}


def test_the_project_declares_exactly_the_settings() -> None:
    fields = {field.alias or name: field for name, field in StackSettings.model_fields.items()}
    assert PROJECT_FILE["name"] == PROJECT_NAME
    assert list(DECLARED) != []
    assert set(DECLARED) == set(fields)
    for key, kind in DECLARED.items():
        assert kind["description"].endswith(".")
        expected = "array" if get_origin(fields[key].annotation) is tuple else "object"
        assert kind["type"] == ("string" if key in ("environment", "namespace") else expected)
        # Every stack must set a declared key without a default.
        assert ("default" in kind) == (not fields[key].is_required() or key == "namespace")


def test_the_passphrase_of_the_local_stack_is_local() -> None:
    salt = yaml.safe_load((PROJECT / "Pulumi.local.yaml").read_text())["encryptionsalt"]
    assert is_correct_passphrase(salt, "local")
    assert not is_correct_passphrase(salt, "remote")


def test_a_stack_file_is_read_as_the_engine_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.other.yaml"
    file.write_text(
        "config:\n  monitoring:environment: 7\n  monitoring:smtpPassword:\n    secure: v1:a:b\n"
        "  monitoring:cluster: '{\"name\": \"bais\"}'\n  monitoring:links: '{runbooks'\n"
    )
    config = from_file(file, PROJECT / "Pulumi.yaml")
    # As in the engine, scalars are strings, declared defaults are filled in, and secrets are not decrypted.
    assert config.stack == "other"
    assert config.values["environment"] == "7"
    assert config.values["namespace"] == "monitoring"
    assert config.values["prometheus"] == {}
    assert config.values["cluster"] == {"name": "bais"}
    assert config.values["links"] == "{runbooks"
    assert config.secrets == {"smtpPassword"}


def test_the_routing_keys_of_teams_are_separate_credentials(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.other.yaml"
    file.write_text(
        "config:\n  monitoring:pagerdutyTeamRoutingKeys:\n    data:\n      secure: v1:a:b\n    web: plain\n"
    )
    config = from_file(file, PROJECT / "Pulumi.yaml")
    assert config.secrets == {"pagerdutyTeamRoutingKeys.data"}
    assert config.values["pagerdutyTeamRoutingKeys.web"] == "plain"
