"""Check that the existing Secrets that the settings name have the keys that the stack reads.

If kubectl may not read Secrets, nothing is reported and the deployment continues.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from common.problems import Problem
from preflight.kubectl import kubectl_get
from settings.databases import PostgresSecret, PostgresSettings, RedisSettings
from settings.grafana import GrafanaSettings
from settings.notifications import NotificationsSettings
from settings.prometheus import PrometheusSettings
from settings.scale_out import RemoteWriteCredentials

# Keys of the administrator's Secret, as Grafana's chart reads them by default.
_ADMIN_KEYS: Final = ("admin-user", "admin-password")
# Prints names and lengths only, so that no value leaves kubectl: one line per Secret, then one per key of it.
_SECRET: Final = (
    '{{$name := .metadata.name}}{{$name}}{{"\\n"}}'
    '{{range $key, $value := .data}}{{$name}} {{$key}} {{len $value}}{{"\\n"}}{{end}}'
)
# kubectl passes a list for several names, and the Secret itself for one.
_TEMPLATE: Final = "{{if .items}}{{range .items}}" + _SECRET + "{{end}}{{else if .metadata.name}}" + _SECRET + "{{end}}"


@dataclass(frozen=True, kw_only=True)
class RequiredKey:
    """A key that the stack reads from an existing Secret, which `setting` names, and its allowed content."""

    setting: str
    secret: str
    key: str
    allowed: str = "a value"


def required_keys(sections: Mapping[str, Any]) -> list[RequiredKey]:
    """Return the keys of existing Secrets that the valid sections of a stack file name."""
    return [
        *_notification_keys(sections.get("notifications")),
        *_prometheus_keys(sections.get("prometheus")),
        *_grafana_keys(sections.get("grafana")),
        *_database_keys("postgres", sections.get("postgres") or ()),
        *_database_keys("redis", sections.get("redis") or ()),
    ]


def secret_problems(context: str | None, namespace: str, required: Iterable[RequiredKey]) -> list[Problem]:
    """Return a problem for each missing Secret, and for each missing or empty key; takes at most 15 s."""
    by_setting: dict[tuple[str, str], list[RequiredKey]] = {}
    for each in required:
        by_setting.setdefault((each.setting, each.secret), []).append(each)
    found = _existing_secrets(context, namespace, sorted({secret for _, secret in by_setting}))
    if found is None:
        return []
    problems: list[Problem] = []
    for (setting, secret), keys in by_setting.items():
        if secret in found:
            problems += _key_problems(keys, found[secret])
        else:
            names = ", ".join(each.key for each in keys)
            allowed = f"a Secret with the key{'s' if len(keys) > 1 else ''} {names}"
            problems.append(Problem(setting, f"no Secret {secret} in namespace {namespace}", allowed))
    return problems


def _key_problems(required: Iterable[RequiredKey], lengths: Mapping[str, int]) -> Iterator[Problem]:
    for each in required:
        if not lengths.get(each.key):
            lacks = "with an empty" if each.key in lengths else "without"
            yield Problem(each.setting, f"Secret {each.secret} {lacks} key {each.key}", f"{each.allowed}, in this key")


def _existing_secrets(context: str | None, namespace: str, names: list[str]) -> dict[str, dict[str, int]] | None:
    """Return the length of each key of the Secrets that exist; None if kubectl is missing or fails."""
    if not names:
        return {}
    options = ("--ignore-not-found", f"--output=go-template={_TEMPLATE}", "--request-timeout=5s")
    output = kubectl_get(context, "secret", *names, f"--namespace={namespace}", *options)
    if output is None:
        return None
    found: dict[str, dict[str, int]] = {}
    for name, *entry in map(str.split, output.splitlines()):
        lengths = found.setdefault(name, {})
        if entry:
            lengths[entry[0]] = int(entry[1])
    return found


def _notification_keys(settings: NotificationsSettings | None) -> Iterator[RequiredKey]:
    if settings is not None and settings.existing_secret is not None:
        for credential in settings.mounted_credentials:
            yield RequiredKey(
                setting="monitoring:notifications.existingSecret",
                secret=settings.existing_secret,
                key=credential.file,
                allowed=credential.format.allowed,
            )


def _prometheus_keys(settings: PrometheusSettings | None) -> Iterator[RequiredKey]:
    if settings is None:
        return
    for index, receiver in enumerate(settings.remote_write):
        yield from _remote_write_keys(f"monitoring:prometheus.remoteWrite[{index}].credentials", receiver.credentials)
    if settings.thanos and (storage := settings.thanos.object_storage):
        setting = "monitoring:prometheus.thanos.objectStorage.secret"
        allowed = "a Thanos object storage configuration"
        yield RequiredKey(setting=setting, secret=storage.secret, key=storage.key, allowed=allowed)


def _remote_write_keys(path: str, credentials: RemoteWriteCredentials | None) -> Iterator[RequiredKey]:
    if credentials is None:
        return
    if basic := credentials.basic_auth:
        for key in (basic.username_key, basic.password_key):
            yield RequiredKey(setting=f"{path}.basicAuth.secret", secret=basic.secret, key=key)
    if bearer := credentials.bearer:
        yield RequiredKey(setting=f"{path}.bearer.secret", secret=bearer.secret, key=bearer.key)
    if (sigv4 := credentials.sigv4) and sigv4.secret:
        for key in (sigv4.access_key, sigv4.secret_key):
            yield RequiredKey(setting=f"{path}.sigv4.secret", secret=sigv4.secret, key=key)


def _grafana_keys(settings: GrafanaSettings | None) -> Iterator[RequiredKey]:
    if settings is not None and settings.enabled and settings.admin_secret is not None:
        for key in _ADMIN_KEYS:
            yield RequiredKey(setting="monitoring:grafana.adminSecret", secret=settings.admin_secret, key=key)


def _database_keys(section: str, servers: Iterable[PostgresSettings | RedisSettings]) -> Iterator[RequiredKey]:
    for index, server in enumerate(servers):
        if secret := server.secret:
            keys = (secret.username_key,) if isinstance(secret, PostgresSecret) else ()
            for key in (*keys, secret.password_key):
                yield RequiredKey(setting=f"monitoring:{section}[{index}].secret", secret=secret.name, key=key)
