"""Immutable data model of the alerting catalogue."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

from common.durations import is_duration, parse_duration

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
# Letters and digits; at most 100, because runbooks, links and ids are named after it.
ALERT_NAME: Final = re.compile(r"[A-Z][A-Za-z0-9]{0,99}")
# Labels that every alert must have; routes and inhibition rules match them.
ALERT_LABELS: Final = ("severity", "team", "area")
# Of any number in the catalogue. Up to it, every whole number is exact; NaN is not in any range.
LARGEST_NUMBER: Final = 2**53
# Of `for` and `keep_firing_for`: an alert that waits longer is as good as disabled.
LONGEST_WAIT: Final = "30d"
WAIT_FORMAT: Final = f"a duration of at most {LONGEST_WAIT} such as 30s, 5m or 1h30m"


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


def is_wait(value: object) -> bool:
    """Return whether a value is a duration for `for` or `keep_firing_for`."""
    return is_duration(value) and parse_duration(str(value)) <= parse_duration(LONGEST_WAIT)


def slo_file(area: str) -> str:
    """Return the name of the generated rule file for the objectives of an area."""
    return f"{area}_slos.yaml"


def is_number(value: object) -> TypeGuard[int | float]:
    """Return whether a value is a finite number; booleans are not."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST_NUMBER
