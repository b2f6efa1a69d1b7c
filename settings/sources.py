"""Sources of a stack's configuration: the running engine, or the stack file."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pulumi
from pulumi.runtime import config as runtime

from common.problems import Problem
from common.yaml_files import InvalidFileError, parse_json, read_yaml
from settings.credentials import TEAM_ROUTING_KEYS, Credential, expand_team_keys
from settings.error_messages import describe_value
from settings.loader import RawConfig, SettingsError

PROJECT_NAME: Final = "monitoring"
_PREFIX: Final = f"{PROJECT_NAME}:"


def from_engine() -> RawConfig:
    """Return the configuration of the stack that the engine is running."""
    keys = [key for key in {**runtime.get_config_env(), **runtime.CONFIG.get()} if key.startswith(_PREFIX)]
    encrypted = {_without_prefix(key): runtime.get_config(key) for key in keys if runtime.is_config_secret(key)}
    if TEAM_ROUTING_KEYS in encrypted:
        encrypted = expand_team_keys(encrypted | {TEAM_ROUTING_KEYS: _parse_structure(encrypted[TEAM_ROUTING_KEYS])})
    plain = {
        _without_prefix(key): _parse_structure(runtime.get_config(key))
        for key in keys
        if not runtime.is_config_secret(key)
    }
    return RawConfig(
        stack=pulumi.get_stack(),
        values=expand_team_keys(plain),
        secrets=frozenset(encrypted),
        decrypted={key: str(value) for key, value in encrypted.items()},
    )


def from_file(stack_file: Path, project_file: Path) -> RawConfig:
    """Return the configuration that the engine would read from a stack file and the project's defaults.

    Raises SettingsError if a file is unreadable or not valid YAML of a stack.
    """
    project = _config_section(project_file)
    stack = _config_section(stack_file)
    config: dict[str, Any] = {
        _without_prefix(key): declared["default"]
        for key, declared in project.items()
        if isinstance(declared, Mapping) and "default" in declared
    }
    config |= {_without_prefix(key): value for key, value in stack.items() if ":" not in key or key.startswith(_PREFIX)}
    config = expand_team_keys(config)
    secrets = frozenset(key for key, value in config.items() if isinstance(value, Mapping) and set(value) == {"secure"})
    return RawConfig(
        stack=_stack_name(stack_file),
        values={key: _engine_value(value) for key, value in config.items() if key not in secrets},
        secrets=secrets,
    )


def previous_outputs() -> Mapping[str, Any] | None:
    """Return the outputs of the stack's last deployment; empty before the first, None if they cannot be read.

    Only inside a running program.
    """
    name = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    try:
        result = pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", {"name": name}).value
    except Exception:  # The SDK reports a failed call with its plain base class.
        return None
    return dict((result or {}).get("outputs") or {})


def secret_value(credential: Credential) -> pulumi.Output[str]:
    """Return the value of a credential; only inside a running program."""
    key, _, entry = credential.key.partition(".")
    if entry:
        return pulumi.Config(PROJECT_NAME).require_secret_object(key).apply(lambda values: str(values[entry]))
    return pulumi.Config(PROJECT_NAME).require_secret(key)


def secret_values(credentials: Iterable[Credential]) -> dict[str, pulumi.Output[str]]:
    """Return the value of each credential by file name; only inside a running program."""
    return {credential.file: secret_value(credential) for credential in credentials}


def read_yaml_mapping(file: Path) -> Mapping[str, Any]:
    """Return the content of a stack or project file; SettingsError if it is not a YAML mapping."""
    try:
        content = read_yaml(file)
    except InvalidFileError as error:
        raise SettingsError(_stack_name(file), [Problem(file.name, error.found, error.allowed)]) from None
    if not isinstance(content, Mapping | None):
        raise _file_error(file, describe_value("", content))
    return content or {}


def _config_section(file: Path) -> Mapping[str, Any]:
    """Return the mapping `config` of a file."""
    section = read_yaml_mapping(file).get("config")
    if not isinstance(section, Mapping | None):
        raise _file_error(file, f"{describe_value('', section)} as `config`")
    if invalid := [describe_value("", key) for key in section or {} if not isinstance(key, str)]:
        raise _file_error(file, f"{invalid[0]}, which is not a string, as a key of `config`")
    return section or {}


def _file_error(file: Path, found: str) -> SettingsError:
    return SettingsError(
        _stack_name(file), [Problem(file.name, found, "YAML with a mapping `config` of keys to values")]
    )


def _stack_name(file: Path) -> str:
    return file.name.removeprefix("Pulumi.").removesuffix(".yaml")


def _without_prefix(key: str) -> str:
    return key.removeprefix(_PREFIX)


def _parse_structure(text: Any) -> object:
    """Parse a structure, which the engine returns as JSON; return any other string unchanged."""
    if isinstance(text, str) and text[:1] in ("{", "["):
        try:
            return parse_json(text)
        except ValueError:
            return text
    return text


def _engine_value(value: object) -> object:
    """Return a value of a stack file as the engine returns it: every scalar is a string."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, Mapping | list | None) else _parse_structure(str(value))
