"""Boards, panels and signals as plain values; how they look is the house style's business."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

# What Grafana replaces by a window that fits the scrape interval and the resolution, and by the whole time range.
WINDOW: Final = "[$__rate_interval]"
RANGE: Final = "[$__range]"

# A limit for what should never happen: the smallest step that a counter's increase over a few hours can show is larger.
ANY: Final = 0.001

_LEGEND_LABEL: Final = re.compile(r"{{(\w+)}}")


@dataclass(frozen=True)
class ComplementOf:
    """A limit of a share whose other part has its limit in the catalogue: 1 minus the named tunable."""

    tunable: str


Number = float | str | ComplementOf
"""A limit: a number that holds everywhere, the name of a tunable of the alerting catalogue, or what it leaves of 1."""


def tunable(number: Number) -> str | None:
    """The name of the tunable that a limit follows, if it follows one."""
    if isinstance(number, ComplementOf):
        return number.tunable
    return number if isinstance(number, str) else None


class Color(StrEnum):
    """The colours that mean something; Grafana shows each so that it can be read in the dark and the light theme."""

    GOOD = "green"
    BROKEN_PROMISE = "yellow"
    WARNING = "orange"
    CRITICAL = "red"
    NEUTRAL = "blue"


class View(StrEnum):
    """How a panel draws its series; Grafana's names."""

    TREND = "timeseries"
    VALUE = "stat"
    BARS = "bargauge"
    STATES = "state-timeline"
    TABLE = "table"
    HEATMAP = "heatmap"


@dataclass(frozen=True, kw_only=True)
class Signal:
    """Something measured: its series' name, which may be a template, its unit as Grafana calls it, and its PromQL."""

    name: str
    unit: str
    expression: str

    @property
    def labels(self) -> frozenset[str]:
        """The labels that its series are named by."""
        return frozenset(_LEGEND_LABEL.findall(self.name))

    def called(self, name: str) -> "Signal":
        """The same under another name, such as that of a table's column."""
        return replace(self, name=name)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """From where a value breaks a promise, is a warning, is critical, and on which side of these it is worse.

    `promised` comes from the objectives: nobody is alerted of one value beyond it, but too many of them spend a budget.
    """

    promised: float | None = None
    warning: Number | None = None
    critical: Number | None = None
    worse_below: bool = False

    def items(self) -> Iterator[tuple[str, Number]]:
        """Each limit that there is, under the name by which a stack changes it."""
        numbers = (("promised", self.promised), ("warning", self.warning), ("critical", self.critical))
        for name, number in numbers:
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

    `width` is in columns of 24, `height` in Grafana's rows; `lowest` and `highest` end a trend's axis; `opens` is the
    uid of the board that tells more. In a table each signal is a column with a unit of its own; `labels` are the
    columns before these, which tell its rows apart. `limits_by_signal` are for those whose signals have different ones.
    `states` are what values mean, in a table what those of its first label mean. `nothing` is what no series means,
    where that is no lack of data.
    """

    slug: str
    title: str
    description: str
    view: View
    signals: tuple[Signal, ...]
    limits: Limits | None = None
    labels: tuple[str, ...] = ()
    limits_by_signal: tuple[Limits | None, ...] = ()
    states: Mapping[int | str, State] = field(default_factory=lambda: MappingProxyType({}))
    width: int = 8
    height: int = 8
    stacked: bool = False
    highest: float | None = None
    lowest: float | None = 0
    decimals: int | None = None
    nothing: str | None = None
    opens: str | None = None

    @property
    def unit(self) -> str:
        """The unit of its signals."""
        return self.signals[0].unit

    @property
    def tunables(self) -> Iterator[tuple[str, str]]:
        """The tunables that the limits of it and of its signals follow, each with the name of the limit."""
        for limits in filter(None, (self.limits, *self.limits_by_signal)):
            for name, number in limits.items():
                if followed := tunable(number):
                    yield name, followed

    @property
    def shared_labels(self) -> frozenset[str]:
        """The labels that everything has on which a reader may click."""
        return frozenset(self.labels) or frozenset.intersection(*(signal.labels for signal in self.signals))


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

    @property
    def of_label(self) -> str:
        """The label whose values are its choices."""
        return self.query.rpartition(", ")[2].removesuffix(")")


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


_REFERENCES: Final = "ABCDEFGH"


def references(panel: Panel) -> Iterator[tuple[str, Signal]]:
    """Each signal of a panel under the letter that Grafana calls its query by."""
    return zip(_REFERENCES, panel.signals, strict=False)


def above(*, promised: float | None = None, warning: Number | None = None, critical: Number | None = None) -> Limits:
    """Limits of what is worse the higher it is."""
    return Limits(promised=promised, warning=warning, critical=critical)


def below(*, promised: float | None = None, warning: Number | None = None, critical: Number | None = None) -> Limits:
    """Limits of what is worse the lower it is."""
    return Limits(promised=promised, warning=warning, critical=critical, worse_below=True)


def states(*, bad: str, good: str) -> Mapping[int | str, State]:
    """The meaning of a signal that is 1 when all is well and 0 when it is not."""
    return MappingProxyType({0: State(text=bad, color=Color.CRITICAL), 1: State(text=good, color=Color.GOOD)})
