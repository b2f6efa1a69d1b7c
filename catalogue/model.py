"""Immutable data model of the alerting catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

# Areas in their order; each has one rule file.
AREAS: Final = (
    "api",
    "payments",
    "business",
    "security",
    "database",
    "cache",
    "infrastructure",
    "kubernetes",
    "availability",
    "monitoring",
)
SEVERITIES: Final = ("critical", "warning", "info", "none")
# Labels that every alert must have; routes and inhibition rules match them.
ALERT_LABELS: Final = ("severity", "team", "area")


@dataclass(frozen=True)
class Tunable:
    """A threshold of the catalogue that a stack can change; all numbers are in `unit`."""

    name: str
    default: float
    unit: str
    minimum: float
    maximum: float
    purpose: str


@dataclass(frozen=True)
class Alert:
    """An alerting rule.

    `duration` is its `for`, or None if it fires immediately; `keep_firing_for` is how long it fires after its condition
    ends, or None if not at all.
    """

    name: str
    area: str
    expression: str
    duration: str | None
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    tunables: tuple[str, ...]
    keep_firing_for: str | None = None

    @property
    def severity(self) -> str:
        """Return one of SEVERITIES."""
        return self.labels["severity"]


@dataclass(frozen=True)
class Recording:
    """A recording rule, named `level:metric:operations`."""

    name: str
    expression: str
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Group:
    """A rule group; `settings` holds its other fields, such as `interval`."""

    name: str
    settings: Mapping[str, Any]
    rules: tuple[Alert | Recording, ...]


@dataclass(frozen=True)
class Area:
    """The rule groups of an area, including those generated for its objectives."""

    name: str
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Catalogue:
    """All rules, and the tunables that a stack can change."""

    areas: tuple[Area, ...]
    alerts: Mapping[str, Alert]
    tunables: Mapping[str, Tunable]


def slo_file(area: str) -> str:
    """Return the name of the generated rule file for the objectives of an area."""
    return f"{area}_slos.yaml"


def is_number(value: object) -> TypeGuard[int | float]:
    """Return whether a value is a number; booleans are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)
