"""Loader of a stack's settings, which reports every problem at once, without engine or cluster."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, get_type_hints

from pydantic import TypeAdapter, ValidationError

from common.durations import parse_duration
from common.problems import Problem, aligned, printable, suggestion
from settings.credential_checks import credential_problems
from settings.credentials import GRAFANA_OAUTH_CLIENT_SECRET, supported_credentials
from settings.databases import database_problems
from settings.error_messages import NO_DEFAULT, problems_from_validation_error
from settings.grafana import grafana_problems, runbook_problems
from settings.links import link_problems
from settings.namespaces import namespace_problems, secret_namespace_problems
from settings.probes import probe_problems
from settings.raw_limits import limit_problems
from settings.services import service_problems
from settings.stack import StackSettings

_TYPES: Final[Mapping[str, Any]] = get_type_hints(StackSettings, include_extras=True)
_FIELDS: Final = {field.alias or name: (name, field) for name, field in StackSettings.model_fields.items()}
_PLAIN_KEYS: Final = frozenset(_FIELDS)

# In seconds: Alertmanager's --cluster.peer-timeout, which manifests/alertmanager.py leaves at its default.
_PEER_TIMEOUT: Final = 15

# Staging has every component but must not page anyone.
_NEVER_PAGES: Final = "staging"


class SettingsError(Exception):
    """A stack's settings are invalid; `problems` has one entry per thing to fix."""

    def __init__(self, stack: str, problems: Sequence[Problem]) -> None:
        """Build the message, a report of all problems of the stack."""
        self.stack = stack
        self.problems = tuple(problems)
        super().__init__(problem_report(stack, problems))


@dataclass(frozen=True, kw_only=True)
class RawConfig:
    """Configuration of a stack before validation.

    Attributes:
        stack: Name of the stack.
        values: Unencrypted values by key.
        secrets: Keys whose values are encrypted.
        decrypted: Decrypted values by key, available only inside the running program.
    """

    stack: str
    values: Mapping[str, object]
    secrets: frozenset[str]
    decrypted: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class LoadResult:
    """The valid sections by field name, and the problems of the invalid ones."""

    sections: Mapping[str, Any]
    problems: tuple[Problem, ...]


@functools.cache
def _adapter(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(_TYPES[name])


def build_settings(result: LoadResult) -> StackSettings:
    """Return the settings of a result without problems."""
    return StackSettings.model_construct(**result.sections)


def load_sections(configuration: RawConfig) -> LoadResult:
    """Validate each section separately, so that a problem in one does not hide those in another."""
    sections: dict[str, Any] = {}
    beyond_limits = {key: found for key, value in configuration.values.items() if (found := limit_problems(key, value))}
    values = {key: value for key, value in configuration.values.items() if key not in beyond_limits}
    credentials = (*supported_credentials(values.get("notifications")), GRAFANA_OAUTH_CLIENT_SECRET)
    keys = _PLAIN_KEYS | {credential.key for credential in credentials}
    problems = [problem for found in beyond_limits.values() for problem in found]
    problems += [_unknown_key_problem(key, keys) for key in values if key not in keys]
    problems += [_unknown_key_problem(key, keys) for key in sorted(configuration.secrets - keys)]
    for key, (name, kind) in _FIELDS.items():
        if key in configuration.secrets:
            problems.append(Problem(f"monitoring:{key}", "an encrypted value", "an unencrypted value"))
        elif key in beyond_limits:
            continue
        elif key in values:
            try:
                sections[name] = _adapter(name).validate_python(values[key])
            except ValidationError as error:
                problems += problems_from_validation_error(key, _TYPES[name], values[key], error)
        elif kind.is_required():
            problems.append(Problem(f"monitoring:{key}", "nothing", NO_DEFAULT))
        else:
            sections[name] = kind.get_default(call_default_factory=True)
    problems += credential_problems(values, configuration.secrets, configuration.decrypted, configuration.stack)
    for check in (probe_problems, database_problems, service_problems):
        problems += check(values)
    problems += grafana_problems(sections.get("grafana"), getattr(sections.get("links"), "grafana", None))
    problems += runbook_problems(sections.get("grafana"), getattr(sections.get("links"), "runbooks", None))
    problems += link_problems(sections)
    problems += namespace_problems(sections)
    problems += secret_namespace_problems(sections)
    problems += _paging_problems(sections)
    problems += _group_interval_problems(sections)
    return LoadResult(sections=sections, problems=tuple(problems))


def problem_report(stack: str, problems: Sequence[Problem]) -> str:
    """Return a heading and one aligned line per problem."""
    count = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
    return "\n".join([f"{count} in the settings of stack {printable(stack)}:", *aligned(problems)])


def _unknown_key_problem(key: str, valid: Iterable[str]) -> Problem:
    return Problem(f"monitoring:{key}", "an unknown key", suggestion(key, valid))


def _paging_problems(sections: Mapping[str, Any]) -> list[Problem]:
    notifications = sections.get("notifications")
    if sections.get("environment") != _NEVER_PAGES or notifications is None or not notifications.pagerduty:
        return []
    return [Problem("monitoring:notifications.pagerduty", "true", "false: staging never pages")]


def _group_interval_problems(sections: Mapping[str, Any]) -> list[Problem]:
    """Return the problems of a group interval shorter than the rule evaluation or the Alertmanagers' peer wait.

    Alertmanager n of a cluster waits n peer timeouts before it sends. If the others check the group again in that
    time, the last one can send an outdated notification.
    """
    notifications, prometheus, alertmanager = (
        sections.get(name) for name in ("notifications", "prometheus", "alertmanager")
    )
    if notifications is None:
        return []
    interval, limits = parse_duration(notifications.group_interval), []
    if prometheus and interval < parse_duration(prometheus.evaluation_interval):
        limits.append(f"prometheus.evaluationInterval ({prometheus.evaluation_interval}) or longer")
    if alertmanager and alertmanager.replicas > 1 and interval <= (wait := _PEER_TIMEOUT * (alertmanager.replicas - 1)):
        limits.append(f"more than {wait}s with {alertmanager.replicas} Alertmanager replicas")
    return [
        Problem("monitoring:notifications.groupInterval", f'"{notifications.group_interval}"', limit)
        for limit in limits
    ]
