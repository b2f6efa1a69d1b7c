"""Where a stack's configuration comes from: the engine while it runs, the stack file before that."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pulumi
import yaml
from pulumi.runtime import config as runtime

from components.credentials import Credential
from components.reading import Configuration

PROJECT: Final = "monitoring"
_PREFIX: Final = f"{PROJECT}:"


def from_engine() -> Configuration:
    """The configuration of the stack that the engine is running."""
    keys = [key for key in {**runtime.get_config_env(), **runtime.CONFIG.get()} if key.startswith(_PREFIX)]
    secrets = frozenset(key.removeprefix(_PREFIX) for key in keys if runtime.is_config_secret(key))
    values = {
        name: _structure(runtime.get_config(key)) for key in keys if (name := key.removeprefix(_PREFIX)) not in secrets
    }
    return Configuration(stack=pulumi.get_stack(), values=values, secrets=secrets)


def from_file(stack_file: Path, project_file: Path) -> Configuration:
    """The configuration that the engine would make of a stack file and the project's defaults."""
    project = _mapping(project_file).get("config") or {}
    stack = _mapping(stack_file).get("config") or {}
    found: dict[str, Any] = {
        _name(key): declared["default"]
        for key, declared in project.items()
        if isinstance(declared, Mapping) and "default" in declared
    }
    found |= {_name(key): value for key, value in stack.items() if ":" not in key or key.startswith(_PREFIX)}
    secrets = frozenset(key for key, value in found.items() if isinstance(value, Mapping) and set(value) == {"secure"})
    return Configuration(
        stack=stack_file.name.removeprefix("Pulumi.").removesuffix(".yaml"),
        values={key: _as_the_engine_gives(value) for key, value in found.items() if key not in secrets},
        secrets=secrets,
    )


def secret(credential: Credential) -> pulumi.Output[str]:
    """The value of an encrypted key; only inside a running program."""
    return pulumi.Config(PROJECT).require_secret(credential.key)


def _name(key: str) -> str:
    return key.removeprefix(_PREFIX)


def _mapping(file: Path) -> Mapping[str, Any]:
    content = yaml.safe_load(file.read_text())
    return content if isinstance(content, Mapping) else {}


def _structure(text: Any) -> object:
    """The engine hands over every structure as JSON."""
    if isinstance(text, str) and text[:1] in ("{", "["):
        return json.loads(text)
    return text


def _as_the_engine_gives(value: object) -> object:
    """The engine hands over every single value as text."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, Mapping | list | None) else str(value)
