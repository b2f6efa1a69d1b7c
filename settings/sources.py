"""Sources of a stack's configuration: the engine while it runs, the stack file before that."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pulumi
import yaml
from pulumi.runtime import config as runtime

from common.problems import Problem
from settings.credentials import TEAM_ROUTING_KEYS, Credential, expand_team_keys
from settings.error_messages import describe_value
from settings.loader import RawConfig, SettingsError

PROJECT: Final = "monitoring"
_PREFIX: Final = f"{PROJECT}:"


def from_engine() -> RawConfig:
    """Return the configuration of the stack that the engine is running."""
    keys = [key for key in {**runtime.get_config_env(), **runtime.CONFIG.get()} if key.startswith(_PREFIX)]
    encrypted = {_name(key): runtime.get_config(key) for key in keys if runtime.is_config_secret(key)}
    if TEAM_ROUTING_KEYS in encrypted:
        encrypted = expand_team_keys(encrypted | {TEAM_ROUTING_KEYS: _structure(encrypted[TEAM_ROUTING_KEYS])})
    plain = {_name(key): _structure(runtime.get_config(key)) for key in keys if not runtime.is_config_secret(key)}
    return RawConfig(
        stack=pulumi.get_stack(),
        values=expand_team_keys(plain),
        secrets=frozenset(encrypted),
        decrypted={key: str(value) for key, value in encrypted.items()},
    )


def from_file(stack_file: Path, project_file: Path) -> RawConfig:
    """Return the configuration that the engine would read from a stack file and the project's defaults.

    Raises SettingsError for a file that cannot be read as one.
    """
    project = _section(project_file)
    stack = _section(stack_file)
    found: dict[str, Any] = {
        _name(key): declared["default"]
        for key, declared in project.items()
        if isinstance(declared, Mapping) and "default" in declared
    }
    found |= {_name(key): value for key, value in stack.items() if ":" not in key or key.startswith(_PREFIX)}
    found = expand_team_keys(found)
    secrets = frozenset(key for key, value in found.items() if isinstance(value, Mapping) and set(value) == {"secure"})
    return RawConfig(
        stack=_stack_of(stack_file),
        values={key: _as_the_engine_gives(value) for key, value in found.items() if key not in secrets},
        secrets=secrets,
    )


def secret(credential: Credential) -> pulumi.Output[str]:
    """Return the secret value of a credential; only inside a running program."""
    key, _, entry = credential.key.partition(".")
    if entry:
        return pulumi.Config(PROJECT).require_secret_object(key).apply(lambda values: str(values[entry]))
    return pulumi.Config(PROJECT).require_secret(key)


def secret_values(credentials: Iterable[Credential]) -> dict[str, pulumi.Output[str]]:
    """Return the secret value of each credential by its file name; only inside a running program."""
    return {credential.file: secret(credential) for credential in credentials}


def content_of(file: Path) -> Mapping[str, Any]:
    """Return the content of a stack or project file; SettingsError, with one problem, unless it is a YAML mapping."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError:
        raise _refusal(file, "no readable file") from None
    except UnicodeDecodeError:
        raise _refusal(file, "text that is not UTF-8") from None
    except (ValueError, yaml.YAMLError) as error:  # ValueError: a date that does not exist.
        mark = getattr(error, "problem_mark", None)
        raise _refusal(file, f"a mistake in line {mark.line + 1}" if mark else "a mistake") from None
    if not isinstance(content, Mapping | None):
        raise _refusal(file, describe_value("", content))
    return content or {}


def _section(file: Path) -> Mapping[str, Any]:
    """The `config` of a file."""
    section = content_of(file).get("config")
    if not isinstance(section, Mapping | None):
        raise _refusal(file, f"{describe_value('', section)} as its config")
    if wrong := [describe_value("", key) for key in section or {} if not isinstance(key, str)]:
        raise _refusal(file, f"{wrong[0]}, which is no name, as a key of its config")
    return section or {}


def _refusal(file: Path, found: str) -> SettingsError:
    return SettingsError(
        _stack_of(file), [Problem(file.name, found, "YAML with a mapping `config` of names and values")]
    )


def _stack_of(file: Path) -> str:
    return file.name.removeprefix("Pulumi.").removesuffix(".yaml")


def _name(key: str) -> str:
    return key.removeprefix(_PREFIX)


def _structure(text: Any) -> object:
    """The engine hands over every structure as JSON; a text that only begins like one stays a text."""
    if isinstance(text, str) and text[:1] in ("{", "["):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _as_the_engine_gives(value: object) -> object:
    """The engine hands over every single value as text."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, Mapping | list | None) else _structure(str(value))
