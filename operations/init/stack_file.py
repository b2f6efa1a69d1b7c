"""Settings that the answers make, and the text of the stack file."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Final

import yaml

from operations.init.platforms import platform_of
from operations.init.questions import CHANNELS, NOTHING, Answers, items
from settings.credentials import Credential, required_in_config
from settings.sources import PROJECT_NAME

Settings = dict[str, Any]

# For the language server of an editor, which completes and checks the file.
SCHEMA_LINE: Final = "# yaml-language-server: $schema=docs/reference/stack.schema.json"


def settings_from(stack: str, answers: Answers) -> Settings:
    """Return the sections of the stack file; a missing answer leaves its setting out."""
    settings: Settings = {"environment": stack, "cluster": {"name": f"bais-{stack}"}}
    _add(settings, "cluster.context", answers.get("context"))
    _add(settings, "namespace", answers.get("namespace"))
    _add(settings, "links.runbooks", answers.get("runbooks-url"))
    _add(settings, "links.grafana", answers.get("grafana-url"))
    settings["notifications"] = _notifications(answers)
    if "services" in answers:
        settings["services"] = [{"name": name} for name in items(answers["services"]) if name != NOTHING]
    settings |= copy.deepcopy(dict(platform_of(answers).settings))
    for section in ("prometheus", "alertmanager", "grafana"):
        _add(settings, f"{section}.storage.storageClass", answers.get("storage-class"))
    _add(settings, "grafana.ingress.tlsSecret", answers.get("tls-secret"))
    match answers.get("kind"):
        case "test":
            _add(settings, "prometheus.retention", "7d")
            settings["volumes"] = {"keepData": False}
        case "production":
            _add(settings, "prometheus.retention", "30d")
    return settings


def _notifications(answers: Answers) -> Settings:
    section: Settings = {}
    for channel in items(answers.get("channels", "")):
        if channel in CHANNELS:
            section[CHANNELS[channel]] = True
    if "slack" in section:
        section["slack"] = {"botToken": True} if answers.get("slack-access") == "bot" else {}
    if "email" in section:
        section["email"] = {}
        for key, name in {"from": "mail-from", "smarthost": "mail-server", "onCall": "mail-to"}.items():
            _add(section, f"email.{key}", answers.get(name))
    if (secret := answers.get("existing-secret", NOTHING)) != NOTHING:
        section |= {"secretSource": "existing", "existingSecret": secret}
    return section


def _add(settings: Settings, key: str, value: object) -> None:
    """Set a key with a dot per level, unless the value stands for nothing."""
    if value in (None, NOTHING):
        return
    *sections, last = key.split(".")
    for section in sections:
        settings = settings.setdefault(section, {})
    settings[last] = value


def stack_file_text(
    stack: str, settings: Mapping[str, Any], encrypted: Mapping[str, Any], encryption: Mapping[str, Any]
) -> str:
    """Return the text of a stack file.

    `encrypted` are the engine's values of the secrets by key, `encryption` what the engine needs to decrypt them.
    """
    config = {f"{PROJECT_NAME}:{key}": value for key, value in (*settings.items(), *encrypted.items())}
    header = [
        SCHEMA_LINE,
        f"# Stack of the environment {stack}: differences from the defaults.",
        *_secret_comment(stack, required_in_config(settings["notifications"])),
    ]
    body = yaml.safe_dump({"config": config} | dict(encryption), sort_keys=False, width=1000)
    return "\n".join([*header, body])


def _secret_comment(stack: str, credentials: Sequence[Credential]) -> list[str]:
    if not credentials:
        return []
    commands = [f"#   {credential.command(stack)}" for credential in credentials]
    return [
        "#",
        "# Its secrets are encrypted below. To change one (without <value>, the command prompts for it):",
        *commands,
    ]
