"""The JSON schema with which an editor completes and checks a stack file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import jsonschema
import pytest
import yaml

from common.project import PROJECT
from tests.settings.test_cases import CHECKED_ELSEWHERE, KINDS, PLACES, WHOLE, Place, places, stack
from tools.stack_schema import FILE, main, reference_descriptions, stack_schema

STACK_FILES: Final = sorted(PROJECT.glob("Pulumi.*.yaml"))
SCHEMA: Final = stack_schema()
VALIDATOR: Final = jsonschema.Draft7Validator(SCHEMA)
SECTIONS: Final = SCHEMA["properties"]["config"]["properties"]


def problems(sections: Mapping[str, Any]) -> list[str]:
    """Return the path and message of every problem that an editor shows in a stack file with these sections."""
    content = {"config": {f"monitoring:{name}": value for name, value in sections.items()}}
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(content)]


def test_the_committed_schema_is_current() -> None:
    assert main(["--check"]) == 0


def test_it_is_a_valid_schema() -> None:
    jsonschema.Draft7Validator.check_schema(json.loads(FILE.read_text()))


@pytest.mark.parametrize("file", STACK_FILES, ids=lambda file: file.name)
def test_every_stack_file_names_the_schema_and_passes_it(file: Any) -> None:
    first, _, text = file.read_text().partition("\n")
    assert first == f"# yaml-language-server: $schema={FILE.relative_to(PROJECT)}"
    assert list(VALIDATOR.iter_errors(yaml.safe_load(text))) == []


def test_a_stack_with_every_setting_passes() -> None:
    assert problems(WHOLE) == []


@pytest.mark.parametrize("kind", KINDS, ids=[kind["kind"] for kind in KINDS])
def test_no_value_that_the_settings_accept_is_refused(kind: Mapping[str, Any]) -> None:
    for setting in kind["settings"]:
        for value in kind["accepted"].values():
            assert problems(stack(PLACES[setting], value)) == []


# The content of an override of a board is only checked by the preview.
@pytest.mark.parametrize("setting", [name for name in PLACES if not name.startswith("dashboards.boards")])
def test_a_value_of_another_type_is_refused_at_every_setting(setting: str) -> None:
    place = PLACES[setting]
    (_, value), *_ = [(each, found) for each, found in places(WHOLE) if each == place]
    another = "text" if isinstance(value, bool | int | float) else 7
    assert problems(stack(place, another)) != []


@pytest.mark.parametrize("setting", [name for name in PLACES if not name.startswith(CHECKED_ELSEWHERE)])
def test_every_setting_has_a_description(setting: str) -> None:
    assert description(PLACES[setting])


def description(place: Place) -> str:
    """Return what an editor shows for a value, or for the mapping of names that it belongs to."""
    schema = SECTIONS[f"monitoring:{place[0]}"]
    found = str(schema.get("description", ""))
    for part in place[1:]:
        schema = schema["items"] if isinstance(part, int) else schema.get("properties", {}).get(part, {})
        found = str(schema.get("description", found))
    return found


@pytest.mark.parametrize(
    ("section", "value"),
    [
        ("prometheus", {"replica": 2}),
        ("prometheus", {"replicas": 11}),
        ("prometheus", None),
        ("services", [{"name": "a", "kind": "deployment"}]),
        ("alerts", {"tunables": {"no_such_tunable": 1}}),
        ("alerts", {"tunables": {"target_down_ratio": 2}}),
        ("alerts", {"overrides": {"NoSuchAlert": {"enabled": False}}}),
        ("alerts", {"overrides": {"EndpointSlow": {"threshold": 1}}}),
        ("dashboards", {"boards": {"no-such-board": {}}}),
        ("promethheus", {}),
    ],
    ids=lambda part: json.dumps(part) if isinstance(part, dict | list) else str(part),
)
def test_a_mistyped_name_or_value_is_found_while_typing(section: str, value: object) -> None:
    assert problems({**WHOLE, section: value}) != []


def test_credentials_are_only_accepted_encrypted() -> None:
    assert problems({**WHOLE, "slackBotToken": {"secure": "v1:a:b"}}) == []
    assert problems({**WHOLE, "slackBotToken": "xoxb-plain"}) != []


def test_settings_of_the_engine_and_of_providers_are_left_alone() -> None:
    content = {"config": {f"monitoring:{name}": value for name, value in WHOLE.items()} | {"kubernetes:context": "a"}}
    assert list(VALIDATOR.iter_errors(content | {"encryptionsalt": "v1:a"})) == []


def test_every_row_of_the_reference_describes_a_key_of_the_schema() -> None:
    keys = {key for name, section in SECTIONS.items() for key in keys_of(section, name.removeprefix("monitoring:"))}
    documented = dict(reference_descriptions())
    assert len(documented) > 100
    assert set(documented) - keys == set()


def keys_of(schema: Mapping[str, Any], key: str) -> Iterator[str]:
    """Yield the key of a schema, and those of the settings in it, as the reference writes them."""
    yield key
    for name, part in schema.get("properties", {}).items():
        yield from keys_of(part, f"{key}.{name}")
    for name, part in schema.get("items", {}).get("properties", {}).items():
        yield from keys_of(part, f"{key}[].{name}")
