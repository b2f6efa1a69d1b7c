"""Boards, panels and signals as plain values; how they look is the house style's business."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

# What Grafana replaces by a window that fits the scrape interval and the resolution, and by the whole time range.
WINDOW: Final = "[$__rate_interval]"
RANGE: Final = "[$__range]"

# A limit for what should never happen: the smallest step that a counter's increase over a few hours can show is larger.
ANY: Final = 0.001

Number = float | str
"""A limit: a number that holds everywhere, or the name of a tunable of the alerting catalogue."""


class Color(StrEnum):
    """The colours that mean something; Grafana shows each so that it can be read in the dark and the light theme."""

    GOOD = "green"
    WARNING = "orange"
    CRITICAL = "red"
    NEUTRAL = "blue"


class View(StrEnum):
    """How a panel draws its series; Grafana's names."""

    TREND = "timeseries"
    VALUE = "stat"
    BARS = "bargauge"
    STATES = "state-timeline"


@dataclass(frozen=True, kw_only=True)
class Signal:
    """Something measured: its series' name, which may be a template, its unit as Grafana calls it, and its PromQL."""

    name: str
    unit: str
    expression: str


@dataclass(frozen=True, kw_only=True)
class Limits:
    """From where a value is a warning and from where it is critical, and on which side of them it is worse."""

    warning: Number | None = None
    critical: Number | None = None
    worse_below: bool = False

    def items(self) -> Iterator[tuple[str, Number]]:
        """Each limit that there is, under the name by which a stack changes it."""
        for name, number in (("warning", self.warning), ("critical", self.critical)):
            if number is not None:
                yield name, number


@dataclass(frozen=True, kw_only=True)
class State:
    """What a value means, in a word and a colour."""

    text: str
    color: Color


@dataclass(frozen=True, kw_only=True)
class Panel:
    """Signals of one unit in one drawing. The slug names it in links and settings and never changes.

    `width` is in columns of 24, `height` in Grafana's rows; `opens` is the uid of the board that tells more.
    """

    slug: str
    title: str
    description: str
    view: View
    signals: tuple[Signal, ...]
    limits: Limits | None = None
    states: Mapping[int, State] = field(default_factory=lambda: MappingProxyType({}))
    width: int = 8
    height: int = 8
    stacked: bool = False
    highest: float | None = None
    decimals: int | None = None
    opens: str | None = None

    @property
    def unit(self) -> str:
        """The unit of its signals."""
        return self.signals[0].unit


@dataclass(frozen=True, kw_only=True)
class Row:
    """Panels under one heading, placed from left to right."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A choice above the board: the values of a label, all of them at first."""

    name: str
    label: str
    query: str


@dataclass(frozen=True, kw_only=True)
class Board:
    """One dashboard. `areas` are those of the alerts that it marks in time; `rollouts` has it mark new ReplicaSets."""

    uid: str
    title: str
    description: str
    topic: str
    areas: tuple[str, ...]
    variables: tuple[Variable, ...]
    rows: tuple[Row, ...]
    rollouts: bool = False
    since: str = "now-1h"
    refresh: str = "30s"

    @property
    def panels(self) -> dict[str, Panel]:
        """Its panels by slug."""
        return {panel.slug: panel for row in self.rows for panel in row.panels}


def above(*, warning: Number | None = None, critical: Number | None = None) -> Limits:
    """Limits of what is worse the higher it is."""
    return Limits(warning=warning, critical=critical)


def below(*, warning: Number | None = None, critical: Number | None = None) -> Limits:
    """Limits of what is worse the lower it is."""
    return Limits(warning=warning, critical=critical, worse_below=True)


def states(*, bad: str, good: str) -> Mapping[int, State]:
    """The meaning of a signal that is 1 when all is well and 0 when it is not."""
    return MappingProxyType({0: State(text=bad, color=Color.CRITICAL), 1: State(text=good, color=Color.GOOD)})
