"""Data model of boards, panels and signals, independent of how Grafana renders them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

# Grafana replaces these by a window for the scrape interval and resolution, and by the whole time range.
RATE_WINDOW: Final = "[$__rate_interval]"
RANGE_WINDOW: Final = "[$__range]"

# Columns of a table of firing alerts: the alert, its name twice as a key for addresses, and its start in ms since 1970.
ALERT_COLUMNS: Final = ("alertname", "runbook", "panel", "since")

# Suffix of the name of a usual level.
USUAL: Final = ", usual"

# Limit for events that should never happen; any real increase of a counter over a few hours is larger.
ANY_INCREASE: Final = 0.001

_LEGEND_LABEL: Final = re.compile(r"{{(\w+)}}")
# A filter by a dashboard variable, with the comma that joins it to the next or the previous matcher.
_FILTER: Final = re.compile(r'\w+=~"\$\w+"(?:, )?|, \w+=~"\$\w+"(?=})')
_NO_MATCHERS: Final = re.compile(r"(?<=\w){}")


@dataclass(frozen=True)
class ComplementOf:
    """Limit of 1 minus a tunable, for a share whose complement has its limit in the catalogue."""

    tunable: str


@dataclass(frozen=True)
class PartOf:
    """Limit of a tunable in seconds, for a panel in minutes, hours or days of `seconds` each."""

    tunable: str
    seconds: float


# A limit: a fixed number, the name of a tunable of the alerting catalogue, or a number derived from a tunable.
Number = float | str | ComplementOf | PartOf


def tunable_name(number: Number) -> str | None:
    """Return the name of the tunable that a limit reads, if any."""
    if isinstance(number, ComplementOf | PartOf):
        return number.tunable
    return number if isinstance(number, str) else None


class Color(StrEnum):
    """Colours with a meaning, by Grafana's names, which are readable in the dark and the light theme."""

    GOOD = "green"
    OBJECTIVE_MISSED = "yellow"
    WARNING = "orange"
    CRITICAL = "red"
    NEUTRAL = "blue"
    UNKNOWN = "gray"


class View(StrEnum):
    """Panel types, by Grafana's names."""

    TREND = "timeseries"
    VALUE = "stat"
    BARS = "bargauge"
    STATES = "state-timeline"
    TABLE = "table"
    HEATMAP = "heatmap"


@dataclass(frozen=True, kw_only=True)
class Signal:
    """A measurement: legend (may be a template), Grafana unit, and PromQL."""

    name: str
    unit: str
    expression: str

    @property
    def labels(self) -> frozenset[str]:
        """Return the labels in the legend."""
        return frozenset(_LEGEND_LABEL.findall(self.name))

    def with_name(self, name: str) -> "Signal":
        """Return the signal with another name, such as a table column's."""
        return replace(self, name=name)

    def of_everything(self) -> "Signal":
        """Return the signal of the whole platform, without the filters by dashboard variables."""
        return replace(self, expression=_NO_MATCHERS.sub("", _FILTER.sub("", self.expression)))


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Values from which a panel shows a missed objective, a warning or a critical state.

    `promised` comes from the objectives: a single value beyond it raises no alert, but spends error budget.
    """

    promised: float | None = None
    warning: Number | None = None
    critical: Number | None = None
    worse_below: bool = False

    def items(self) -> Iterator[tuple[str, Number]]:
        """Yield each defined limit with its name in a stack's settings."""
        numbers = (("promised", self.promised), ("warning", self.warning), ("critical", self.critical))
        for name, number in numbers:
            if number is not None:
                yield name, number


@dataclass(frozen=True, kw_only=True)
class State:
    """Text and colour that a value is shown as."""

    text: str
    color: Color


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A panel with signals of one unit. The slug identifies it in links and settings and never changes.

    `width` is in columns of 24, `height` in Grafana's rows. `lowest` and `highest` are the bounds of a trend's axis.
    `opens` is the uid of the board with more detail. In a table each signal is a column with its own unit, and
    `labels` are the leading columns that identify its rows. `limits_by_signal` sets limits per signal. `states` maps
    values to texts and colours; in a table, the values of the first label. `valid_when_stale` marks a judged panel
    whose values are right while scraping does not work, such as the age of the newest sample. A table that
    `lists_alerts` has the columns ALERT_COLUMNS; its rows link to runbook, panel and silence.
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
    valid_when_stale: bool = False
    lists_alerts: bool = False
    opens: str | None = None

    @property
    def unit(self) -> str:
        """Return the unit of the signals."""
        return self.signals[0].unit

    @property
    def tunables(self) -> Iterator[tuple[str, str]]:
        """Yield the tunables that the limits read, each after the name of its limit."""
        for limits in filter(None, (self.limits, *self.limits_by_signal)):
            for name, number in limits.items():
                if followed := tunable_name(number):
                    yield name, followed

    @property
    def is_judged(self) -> bool:
        """Return whether colours say how good the values are."""
        return bool(self.limits or any(self.limits_by_signal) or self.states)

    @property
    def shared_labels(self) -> frozenset[str]:
        """Return the labels that every clickable element of the panel has."""
        return frozenset(self.labels) or frozenset.intersection(*(signal.labels for signal in self.signals))


@dataclass(frozen=True, kw_only=True)
class Row:
    """A titled row of panels, placed from left to right.

    A `collapsed` row runs no queries until it is opened. `repeat` names the variable of which the row shows each
    selected value in turn. A row of the `whole_platform` ignores the dashboard's variables.
    """

    title: str
    panels: tuple[Panel, ...]
    collapsed: bool = False
    repeat: str | None = None
    whole_platform: bool = False


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A dashboard variable: the values of a label, with all selected by default."""

    name: str
    label: str
    query: str

    @property
    def source_label(self) -> str:
        """Return the label whose values the variable offers."""
        return self.query.rpartition(", ")[2].removesuffix(")")


@dataclass(frozen=True, kw_only=True)
class Board:
    """One dashboard.

    `areas` select the alerts that it shows as annotations; `rollouts` adds annotations for new ReplicaSets.
    """

    uid: str
    title: str
    description: str
    topic: str
    areas: tuple[str, ...]
    variables: tuple[Variable, ...]
    rows: tuple[Row, ...]
    rollouts: bool = False
    since: str = "now-1h"
    refresh: str = "1m"

    @property
    def panels(self) -> dict[str, Panel]:
        """Return the panels by slug."""
        return {panel.slug: panel for row in self.rows for panel in row.panels}


_REF_IDS: Final = "ABCDEFGH"


def signals_by_ref_id(panel: Panel) -> Iterator[tuple[str, Signal]]:
    """Yield each signal of a panel after the refId of its query."""
    return zip(_REF_IDS, panel.signals, strict=False)


def above(*, promised: float | None = None, warning: Number | None = None, critical: Number | None = None) -> Limits:
    """Return limits of a value that is worse when higher."""
    return Limits(promised=promised, warning=warning, critical=critical)


def below(*, promised: float | None = None, warning: Number | None = None, critical: Number | None = None) -> Limits:
    """Return limits of a value that is worse when lower."""
    return Limits(promised=promised, warning=warning, critical=critical, worse_below=True)


def states(*, bad: str, good: str) -> Mapping[int | str, State]:
    """Return the states of a signal that is 1 when healthy and 0 when not."""
    return MappingProxyType({0: State(text=bad, color=Color.CRITICAL), 1: State(text=good, color=Color.GOOD)})
