"""Panels, queries and variables of the boards rendered with the catalogue's defaults."""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import promql_parser

from dashboards.defaults import BOARDS, CATALOGUE, ENVIRONMENT, RULES, TUNABLES
from dashboards.rendering.limits import LIMIT
from dashboards.rendering.queries import interpolate

__all__ = [
    "BOARDS",
    "CATALOGUE",
    "ENVIRONMENT",
    "PANELS",
    "QUERIES",
    "RULES",
    "TUNABLES",
    "Query",
    "all_panels",
    "distinguishing_labels",
    "metrics_of",
    "panel_name",
    "panels",
    "queries",
    "query_variables",
]


class Query(NamedTuple):
    """One query of a panel, with its board for messages."""

    board: str
    panel: Mapping[str, Any]
    reference: str
    expression: str

    def __str__(self) -> str:
        return f"{self.board}: {self.panel['title']} {self.reference}"


def panels(board: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the panels of a board without rows, including those within collapsed rows."""
    return [panel for panel in all_panels(board) if panel["type"] != "row"]


def all_panels(board: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the rows and panels of a board, including those within collapsed rows."""
    return [each for panel in board["panels"] for each in (panel, *panel.get("panels", []))]


def queries(panel: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the queries of a panel that read series, without those of its limits."""
    return [target for target in panel["targets"] if not target["refId"].startswith(LIMIT)]


def query_variables(board: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the variables of a board whose values come from Prometheus."""
    return [variable for variable in board["templating"]["list"] if variable["type"] == "query"]


PANELS: Final = [(uid, panel) for uid, board in BOARDS.items() for panel in panels(board)]
QUERIES: Final = [
    Query(uid, panel, target["refId"], target["expr"]) for uid, panel in PANELS for target in queries(panel)
]


def distinguishing_labels(query: Query) -> set[str]:
    """Return the labels that identify a query's series: those in the legend, or a table's leading columns."""
    if query.panel["type"] == "table":
        (columns,) = (
            each["options"]["indexByName"] for each in query.panel["transformations"] if each["id"] == "organize"
        )
        return {column for column in columns if not column.startswith("Value")}
    (legend,) = (each["legendFormat"] for each in query.panel["targets"] if each["refId"] == query.reference)
    return set(re.findall(r"{{(\w+)}}", legend))


def panel_name(value: object) -> str:
    """Return the title of a panel, or the text of any other value."""
    return str(value["title"]) if isinstance(value, Mapping) else str(value)


def metrics_of(expression: str) -> set[str]:
    """Return the names of the metrics that a query reads."""
    found: set[str] = set()

    def visit(node: object) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            named = [each.value for each in node.matchers.matchers if each.name == "__name__"]
            found.update(named[0].split("|") if named else [str(node.name)])

    promql_parser.walk(promql_parser.parse(interpolate(expression)), visit)
    return found
