"""What stands on the boards that the catalogue's defaults give."""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import promql_parser

from dashboards.defaults import BOARDS, CATALOGUE, ENVIRONMENT, RULES, TUNABLES
from dashboards.rendering.queries import concrete

__all__ = [
    "BOARDS",
    "CATALOGUE",
    "ENVIRONMENT",
    "PANELS",
    "QUERIES",
    "RULES",
    "TUNABLES",
    "Query",
    "choices",
    "metrics_of",
    "panel_name",
    "panels",
    "told_apart_by",
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


def choices(board: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The choices of a board whose values Prometheus is asked for."""
    return [variable for variable in board["templating"]["list"] if variable["type"] == "query"]


PANELS: Final = [(uid, panel) for uid, board in BOARDS.items() for panel in panels(board)]
QUERIES: Final = [
    Query(uid, panel, target["refId"], target["expr"]) for uid, panel in PANELS for target in panel["targets"]
]


def told_apart_by(query: Query) -> set[str]:
    """The labels that a reader sees of a query's series: in a table the columns before the values."""
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
    """The names of the metrics that a query reads."""
    found: set[str] = set()

    def visit(node: object) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            named = [each.value for each in node.matchers.matchers if each.name == "__name__"]
            found.update(named[0].split("|") if named else [str(node.name)])

    promql_parser.walk(promql_parser.parse(concrete(expression)), visit)
    return found
