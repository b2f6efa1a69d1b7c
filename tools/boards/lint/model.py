"""Data model of the lint: findings, subjects and rules."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from tools.boards.rendered_boards import panels

# A board and a panel as Grafana loads them.
Board = Mapping[str, Any]
Panel = Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """One problem, with the rule that found it, the board, and the panel or variable."""

    rule: str
    board: str
    place: str
    sentence: str

    def __str__(self) -> str:
        """Return the finding as one line."""
        return f"{self.board}: {self.place}: {self.sentence} [{self.rule}]"


@dataclass(frozen=True)
class AlertLimit:
    """A number at which an alert fires, and the colour that its panel must have there."""

    alert: str
    tunable: str
    number: float
    color: str


@dataclass(frozen=True)
class Available:
    """Available metrics, alert limits by board and panel id, and the alerts that open a panel."""

    metrics: frozenset[str] = frozenset()
    opened: Mapping[tuple[str, int], Sequence[str]] = field(default_factory=lambda: MappingProxyType({}))
    limits: Mapping[tuple[str, int], Sequence[AlertLimit]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Subject:
    """A board to check, all boards, and the available metrics and limits."""

    board: Board
    boards: Sequence[Board]
    available: Available

    @property
    def panels(self) -> list[Panel]:
        """Return the panels of the board without rows, including those within collapsed rows."""
        return panels(self.board)

    @property
    def rows(self) -> list[tuple[Panel, list[Panel]]]:
        """Return each row with its panels."""
        found: list[tuple[Panel, list[Panel]]] = []
        for panel in self.board["panels"]:
            if panel["type"] == "row":
                found.append((panel, list(panel.get("panels", []))))
            elif found:
                found[-1][1].append(panel)
        return found

    @property
    def variables(self) -> list[Mapping[str, Any]]:
        """Return the board's variables."""
        return list(self.board["templating"]["list"])

    @property
    def targets(self) -> Iterator[tuple[Panel, Mapping[str, Any]]]:
        """Yield each panel with each of its queries."""
        return ((panel, target) for panel in self.panels for target in panel.get("targets", []))


# Yields a place on the board and the problem there.
Rule = Callable[[Subject], Iterator[tuple[str, str]]]

WHOLE_BOARD: Final = "the board"
