"""From a stack's raw configuration to settings: every fault at once, without engine or cluster."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, get_type_hints

from pydantic import TypeAdapter, ValidationError

from common.problems import Fault, suggestion
from settings.credential_checks import credential_faults
from settings.credentials import GRAFANA_OAUTH_CLIENT_SECRET, known
from settings.databases import database_faults
from settings.error_messages import describe, explain
from settings.grafana import grafana_faults
from settings.probes import probe_faults
from settings.services import service_faults
from settings.stack import Settings

_KINDS: Final[Mapping[str, Any]] = get_type_hints(Settings, include_extras=True)
_FIELDS: Final = {field.alias or name: (name, field) for name, field in Settings.model_fields.items()}
_PLAIN_KEYS: Final = frozenset(_FIELDS)

# Staging tries everything out but wakes nobody.
_NEVER_PAGES: Final = "staging"


class SettingsError(Exception):
    """A stack's settings cannot be used; `faults` says why, one fault for each thing to mend."""

    def __init__(self, stack: str, faults: Sequence[Fault]) -> None:
        """Of the named stack."""
        self.stack = stack
        self.faults = tuple(faults)
        super().__init__(report(stack, faults))


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """What a stack sets, as written: plain values by key, and the keys whose values are encrypted.

    `revealed` holds the encrypted values in plain text where somebody could decrypt them: inside the running program.
    """

    stack: str
    values: Mapping[str, object]
    secrets: frozenset[str]
    revealed: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The sections that could be read, by field name, and the faults of those that could not."""

    sections: Mapping[str, Any]
    faults: tuple[Fault, ...]


def settings(reading: Reading) -> Settings:
    """The settings of a reading without faults."""
    return Settings.model_construct(**reading.sections)


def read(configuration: Configuration) -> Reading:
    """Read each section on its own, so that a fault in one hides none in another."""
    sections: dict[str, Any] = {}
    credentials = (*known(configuration.values.get("notifications")), GRAFANA_OAUTH_CLIENT_SECRET)
    keys = _PLAIN_KEYS | {credential.key for credential in credentials}
    faults = [_unknown(key, keys) for key in configuration.values if key not in keys]
    faults += [_unknown(key, keys) for key in sorted(configuration.secrets - keys)]
    for key, (name, kind) in _FIELDS.items():
        if key in configuration.secrets:
            faults.append(Fault(f"monitoring:{key}", "an encrypted value", "a plain value"))
        elif key in configuration.values:
            try:
                sections[name] = TypeAdapter(_KINDS[name]).validate_python(configuration.values[key])
            except ValidationError as error:
                faults += explain(key, _KINDS[name], configuration.values[key], error)
        elif kind.is_required():
            faults.append(Fault(f"monitoring:{key}", describe(key, None), "a value: this setting has no default"))
        else:
            sections[name] = kind.get_default(call_default_factory=True)
    faults += credential_faults(
        configuration.values, configuration.secrets, configuration.revealed, configuration.stack
    )
    for between in (probe_faults, database_faults, service_faults):
        faults += between(configuration.values)
    faults += grafana_faults(sections.get("grafana"), getattr(sections.get("links"), "grafana", None))
    faults += _paging_faults(sections)
    return Reading(sections=sections, faults=tuple(faults))


def report(stack: str, faults: Sequence[Fault]) -> str:
    """A heading and one aligned line for each fault."""
    width = max((len(fault.key) for fault in faults), default=0)
    count = f"{len(faults)} fault{'' if len(faults) == 1 else 's'}"
    lines = (f"  {fault.key:<{width}}  found {fault.found}; allowed: {fault.allowed}" for fault in faults)
    return "\n".join([f"{count} in the settings of stack {stack}:", *lines])


def _unknown(key: str, valid: Iterable[str]) -> Fault:
    return Fault(f"monitoring:{key}", "an unknown key", suggestion(key, valid))


def _paging_faults(sections: Mapping[str, Any]) -> list[Fault]:
    notifications = sections.get("notifications")
    if sections.get("environment") != _NEVER_PAGES or notifications is None or not notifications.pagerduty:
        return []
    return [Fault("monitoring:notifications.pagerduty", "true", "false: staging never pages")]
