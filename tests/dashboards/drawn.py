"""What stands on the boards that the catalogue's defaults give."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import promql_parser

from dashboards.defaults import BOARDS, CATALOGUE, RULES, TUNABLES
from dashboards.queries import concrete

__all__ = [
    "BOARDS",
    "CATALOGUE",
    "PANELS",
    "QUERIES",
    "RULES",
    "TUNABLES",
    "Query",
    "metrics_of",
    "panel_name",
    "panels",
]


class Query(NamedTuple):
    """One query of a panel, with where it stands for a test's name."""

    board: str
    panel: Mapping[str, Any]
    reference: str
    expression: str

    def __str__(self) -> str:
        return f"{self.board}: {self.panel['title']} {self.reference}"


def panels(board: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The panels of a board without the headings."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


PANELS: Final = [(uid, panel) for uid, board in BOARDS.items() for panel in panels(board)]
QUERIES: Final = [
    Query(uid, panel, target["refId"], target["expr"]) for uid, panel in PANELS for target in panel["targets"]
]


def panel_name(value: object) -> str:
    return str(value["title"]) if isinstance(value, Mapping) else str(value)


def metrics_of(expression: str) -> set[str]:
    """The names of the metrics that a query reads."""
    found: set[str] = set()

    def visit(node: object) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            found.add(str(node.name))

    promql_parser.walk(promql_parser.parse(concrete(expression)), visit)
    return found
