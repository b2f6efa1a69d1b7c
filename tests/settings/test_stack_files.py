import re
from dataclasses import replace
from pathlib import Path
from typing import get_origin

import pytest
import yaml

from common.project import PROJECT
from preflight.passphrase import opens
from settings.credentials import CREDENTIALS, required_in_config
from settings.loader import load_sections
from settings.sources import PROJECT as PROJECT_NAME
from settings.sources import from_file
from settings.stack import StackSettings
from tools.mocked_program import STACKS, credential_keys

PROJECT_FILE = yaml.safe_load((PROJECT / "Pulumi.yaml").read_text())
OURS = {key: kind for key, kind in PROJECT_FILE["config"].items() if ":" not in key}


def test_the_three_environments_have_a_stack_file() -> None:
    assert {"local", "staging", "prod"} <= set(STACKS)


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_file_has_settings_without_problem(stack: str) -> None:
    written = from_file(PROJECT / f"Pulumi.{stack}.yaml", PROJECT / "Pulumi.yaml")
    reading = load_sections(replace(written, secrets=written.secrets | credential_keys()))
    assert reading.problems == ()
    assert reading.sections["environment"] == stack
    assert reading.sections["cluster"].name == f"bais-{stack}"


def test_the_local_stack_holds_every_secret_that_it_asks_for() -> None:
    written = from_file(PROJECT / "Pulumi.local.yaml", PROJECT / "Pulumi.yaml")
    assert written.secrets == {credential.key for credential in required_in_config(written.values["notifications"])}


@pytest.mark.parametrize("stack", [stack for stack in STACKS if stack != "local"])
def test_a_stack_file_says_how_to_give_each_secret_that_it_asks_for(stack: str) -> None:
    text = (PROJECT / f"Pulumi.{stack}.yaml").read_text()
    written = from_file(PROJECT / f"Pulumi.{stack}.yaml", PROJECT / "Pulumi.yaml")
    told = set(re.findall(rf"--secret monitoring:(\w+) <value> --stack {stack}\n", text))
    assert told == {credential.key for credential in required_in_config(written.values["notifications"])}


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_file_holds_no_key_that_nothing_reads(stack: str) -> None:
    config = yaml.safe_load((PROJECT / f"Pulumi.{stack}.yaml").read_text())["config"]
    assert {key.split(":")[0] for key in config} == {PROJECT_NAME}
    assert {key.split(":")[1] for key in config} <= set(OURS) | credential_keys()


@pytest.mark.parametrize("stack", STACKS)
def test_a_secret_in_a_stack_file_is_encrypted(stack: str) -> None:
    config = yaml.safe_load((PROJECT / f"Pulumi.{stack}.yaml").read_text())["config"]
    for credential in CREDENTIALS:
        value = config.get(f"{PROJECT_NAME}:{credential.key}")
        assert value is None or set(value) == {"secure"}


def test_the_project_declares_every_setting_and_nothing_else() -> None:
    fields = {field.alias or name: field for name, field in StackSettings.model_fields.items()}
    assert PROJECT_FILE["name"] == PROJECT_NAME
    assert list(OURS) != []
    assert set(OURS) == set(fields)
    for key, kind in OURS.items():
        assert kind["description"].endswith(".")
        expected = "array" if get_origin(fields[key].annotation) is tuple else "object"
        assert kind["type"] == ("string" if key in ("environment", "namespace") else expected)
        # A declared key without a default is one that every stack must set.
        assert ("default" in kind) == (not fields[key].is_required() or key == "namespace")


def test_everybody_can_open_the_local_stack() -> None:
    salt = yaml.safe_load((PROJECT / "Pulumi.local.yaml").read_text())["encryptionsalt"]
    assert opens(salt, "local")
    assert not opens(salt, "remote")


def test_the_engine_and_the_file_give_the_same_configuration(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.other.yaml"
    file.write_text(
        "config:\n  monitoring:environment: 7\n  monitoring:smtpPassword:\n    secure: v1:a:b\n"
        "  monitoring:cluster: '{\"name\": \"bais\"}'\n  monitoring:links: '{runbooks'\n"
    )
    written = from_file(file, PROJECT / "Pulumi.yaml")
    # As the engine does it: single values are text, declared defaults are filled in, secrets stay unread.
    assert written.stack == "other"
    assert written.values["environment"] == "7"
    assert written.values["namespace"] == "monitoring"
    assert written.values["prometheus"] == {}
    assert written.values["cluster"] == {"name": "bais"}
    assert written.values["links"] == "{runbooks"
    assert written.secrets == {"smtpPassword"}


def test_the_keys_of_teams_are_told_apart_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.other.yaml"
    file.write_text(
        "config:\n  monitoring:pagerdutyTeamRoutingKeys:\n    data:\n      secure: v1:a:b\n    web: plain\n"
    )
    written = from_file(file, PROJECT / "Pulumi.yaml")
    assert written.secrets == {"pagerdutyTeamRoutingKeys.data"}
    assert written.values["pagerdutyTeamRoutingKeys.web"] == "plain"
