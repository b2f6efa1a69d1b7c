"""Detection of credentials by key and format, and checks of where they are stored."""

import re
from collections.abc import Iterator
from typing import Final

from common.problems import Problem
from policy.credential_formats import credential_format
from policy.model import RELEASE, Resource, problem
from policy.pods import containers, pod
from policy.properties import alertmanager_files, at, leaves

# The end of a key, ignoring case, underscores and hyphens.
_KEY: Final = re.compile(
    r"(?:password|passwd|passphrase|token|credentials?|apikey|accesskey|accesskeyid|secretkey|privatekey|routingkey"
    r"|servicekey|integrationkey|pagerdutykey|encryptionkey|licensekey|accountkey|authkey|clientsecret|signingsecret"
    r"|sharedsecret|webhookurl|slackapiurl|connectionstring|dsn|authorization)$"
)
# Keys whose value names a Secret.
_NAMES_A_SECRET: Final = re.compile(r"^(?:existing|automount|enable|use)")
# A value that is only a reference, resolved later: ${NAME}, $(NAME), $__file{path}, {{ template }}.
_REFERENCE: Final = re.compile(r"\$\{[^}]*\}|\$\([^)]*\)|\$__\w+\{[^}]*\}|\{\{.*\}\}", re.DOTALL)
# The only kind that holds credentials.
_SECRET: Final = "core:Secret"
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
    word = re.sub(r"[-_]", "", re.split(r"[./]", key)[-1]).lower()
    has_secret_key = _KEY.search(word) is not None and not _NAMES_A_SECRET.match(word)
    return has_secret_key or credential_format(value) is not None


def keeps_credentials_in_secrets(resource: Resource, environment: str) -> Iterator[Problem]:
    """Forbid credentials outside Secrets: by key where keys are free, by format in every other property."""
    if not resource.kind or resource.kind in (_SECRET, RELEASE):
        return
    found: set[str] = set()
    for path, key, value in _candidates(resource):
        place = path.removeprefix(".")
        if place not in found and looks_secret(key, value):
            found.add(place)
            yield problem(place, "a value that looks like a credential", "a reference to a Secret")


def _candidates(resource: Resource) -> Iterator[tuple[str, str, object]]:
    """Yield path, key and value of each property, with the key only if it is free to choose.

    Those with keys first: a value that is unknown in a preview ends the check.
    """
    yield from _with_free_keys(resource)
    for path, _, value in leaves(resource.properties, ""):
        yield path, "", value


def _with_free_keys(resource: Resource) -> Iterator[tuple[str, str, object]]:
    """Yield path, key and value of data, annotations, environment variables and arguments."""
    if resource.kind == "core:ConfigMap":
        yield from leaves(resource.properties.get("data"), "data")
    found = pod(resource)
    template = f"{found[0].removesuffix('spec')}metadata" if found else "metadata"
    for place in dict.fromkeys(("metadata", template)):
        yield from leaves(at(resource.properties, f"{place}.annotations"), f"{place}.annotations")
    for path, container in containers(resource):
        yield from leaves(container.get("env"), f"{path}.env")
        for field in ("args", "command"):
            for place, _, value in leaves(container.get(field), f"{path}.{field}"):
                option, _, given = str(value).partition("=")
                yield place, option, given
                yield place, field, value


def reads_credentials_from_files(resource: Resource, environment: str) -> Iterator[Problem]:
    """Require that Alertmanager reads each credential from a mounted file."""
    for file, content in alertmanager_files(resource):
        for path, key, value in leaves(content, file):
            literal = _ALERTMANAGER.fullmatch(key) or _WEBHOOK.search(path) or looks_secret(key, value)
            if value and isinstance(value, str) and literal and not key.endswith("_file"):
                yield problem(path, "a credential in the configuration", f"{key}_file, with the path of a mounted file")
