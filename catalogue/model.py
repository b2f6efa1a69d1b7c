"""The catalogue as typed, immutable values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

AREAS = (
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
SEVERITIES = ("critical", "warning", "info", "none")
# What every alert has to say of itself; routes and inhibitions read it.
ALERT_LABELS = ("severity", "team", "area")


@dataclass(frozen=True)
class Tunable:
    """A number of the catalogue that a stack may change; all numbers are in `unit`."""

    name: str
    default: float
    unit: str
    minimum: float
    maximum: float
    purpose: str


@dataclass(frozen=True)
class Alert:
    """An alerting rule; `duration` is its `for`, or None where it fires at once."""

    name: str
    area: str
    expression: str
    duration: str | None
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    tunables: tuple[str, ...]

    @property
    def severity(self) -> str:
        """Return one of SEVERITIES."""
        return self.labels["severity"]


@dataclass(frozen=True)
class Recording:
    """A recording rule, under its `level:metric:operations` name."""

    name: str
    expression: str
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Group:
    """Rules evaluated together; `settings` holds what else the file says of the group, such as its interval."""

    name: str
    settings: Mapping[str, Any]
    rules: tuple[Alert | Recording, ...]


@dataclass(frozen=True)
class Area:
    """What one rule file holds, and what is written for the objectives of the area, if it has any."""

    name: str
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Catalogue:
    """All rule files and the numbers in them that a stack may change."""

    areas: tuple[Area, ...]
    alerts: Mapping[str, Alert]
    tunables: Mapping[str, Tunable]


def slo_file(area: str) -> str:
    """Return the name of the rule file that is written for an area's objectives; its groups join the area's own."""
    return f"{area}_slos.yaml"


def is_number(value: object) -> TypeGuard[int | float]:
    """Tell whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)
