"""Detection of credentials by key and format, and checks of where they are stored."""

import re
from collections.abc import Iterator
from typing import Final

from common.problems import Problem
from policy.model import Resource, problem
from policy.pods import containers
from policy.properties import alertmanager_files, leaves

# The end of a key, ignoring case, underscores and hyphens.
_KEY: Final = re.compile(
    r"(?:password|passwd|passphrase|token|credentials?|apikey|accesskey|accesskeyid|secretkey|privatekey|routingkey"
    r"|servicekey|integrationkey|clientsecret|signingsecret|sharedsecret|webhookurl|slackapiurl|connectionstring|dsn)$"
)
# Keys whose value names a Secret.
_NAMES_A_SECRET: Final = re.compile(r"^(?:existing|automount|enable|use)")
# A value that is only a reference, resolved later: ${NAME}, $(NAME), $__file{path}, {{ template }}.
_REFERENCE: Final = re.compile(r"\$\{[^}]*\}|\$\([^)]*\)|\$__\w+\{[^}]*\}|\{\{.*\}\}", re.DOTALL)
_FORMAT: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|hooks\.slack\.com/(?:services|workflows)/\w|\bxox[abeprs]-\w{8}"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[oprsu]_\w{20}|\bglsa_\w{20}|\beyJ[\w-]{10,}\.[\w-]{10,}\."
    r"|\w://[^\s/:@${]*:[^\s/@${]+@"
)
# Alertmanager settings that contain a credential; each has a variant ending in _file that names a file.
_ALERTMANAGER: Final = re.compile(
    r"(?:.*_)?(?:password|secret|credentials|bearer_token|api_key|routing_key|service_key|user_key)"
    r"|(?:app|bot|api|slack_app|telegram_bot|rocketchat)_token|token|(?:rocketchat_)?token_id|webhook_url|slack_api_url"
)
# URLs that are credentials themselves.
_WEBHOOK: Final = re.compile(r"webhook_configs\[\d+\]\.url$|slack_configs\[\d+\]\.api_url$")


def looks_secret(key: str, value: object) -> bool:
    """Return whether a value is probably a credential, by its key and format."""
    if not isinstance(value, str) or not value or _REFERENCE.fullmatch(value):
        return False
    word = re.sub(r"[-_]", "", key.rpartition(".")[2]).lower()
    has_secret_key = _KEY.search(word) is not None and not _NAMES_A_SECRET.match(word)
    return has_secret_key or _FORMAT.search(value) is not None


def keeps_credentials_in_secrets(resource: Resource, environment: str) -> Iterator[Problem]:
    """Forbid credentials in ConfigMaps, environment variables and arguments."""
    found: list[tuple[str, str, object]] = []
    if resource.kind == "core:ConfigMap":
        found += leaves(resource.properties.get("data"), "data")
    for path, container in containers(resource):
        found += leaves(container.get("env"), f"{path}.env")
        for field in ("args", "command"):
            for place, _, value in leaves(container.get(field), f"{path}.{field}"):
                option, _, given = str(value).partition("=")
                found += [(place, option, given), (place, field, value)]
    for path, key, value in found:
        if looks_secret(key, value):
            yield problem(path, "a value that looks like a credential", "a reference to a Secret")


def reads_credentials_from_files(resource: Resource, environment: str) -> Iterator[Problem]:
    """Require that Alertmanager reads each credential from a mounted file."""
    for file, content in alertmanager_files(resource):
        for path, key, value in leaves(content, file):
            literal = _ALERTMANAGER.fullmatch(key) or _WEBHOOK.search(path) or looks_secret(key, value)
            if value and isinstance(value, str) and literal and not key.endswith("_file"):
                yield problem(path, "a credential in the configuration", f"{key}_file, with the path of a mounted file")
