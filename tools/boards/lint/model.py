"""What a rule of the boards' lint is given, and what it finds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

Board = Mapping[str, Any]
Panel = Mapping[str, Any]
"""A board and a panel as Grafana loads them."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: found by which rule, on which board, at which panel or variable."""

    rule: str
    board: str
    place: str
    sentence: str

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.board}: {self.place}: {self.sentence} [{self.rule}]"


@dataclass(frozen=True)
class AlertLimit:
    """A number at which an alert fires, with the colour that its panel has to have there."""

    alert: str
    tunable: str
    number: float
    color: str


@dataclass(frozen=True)
class Known:
    """What a board is compared with: the metrics that exist, and the limits of alerts by board and number of panel."""

    metrics: frozenset[str] = frozenset()
    limits: Mapping[tuple[str, int], Sequence[AlertLimit]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Subject:
    """A board to look at, among all boards, with what is known."""

    board: Board
    boards: Sequence[Board]
    known: Known

    @property
    def panels(self) -> list[Panel]:
        """The panels of the board without the headings."""
        return [panel for panel in self.board["panels"] if panel["type"] != "row"]

    @property
    def variables(self) -> list[Mapping[str, Any]]:
        """The choices above the board."""
        return list(self.board["templating"]["list"])

    @property
    def targets(self) -> Iterator[tuple[Panel, Mapping[str, Any]]]:
        """Each query of each panel."""
        return ((panel, target) for panel in self.panels for target in panel.get("targets", []))


Rule = Callable[[Subject], Iterator[tuple[str, str]]]
"""Yields a place on the board and what is wrong there."""

WHOLE_BOARD: Final = "the board"
