"""Scope of rows and panels in their titles: the dashboard variables that filter them, and those that do not."""

from typing import Final

from dashboards.model import Board, Panel, Row, Variable
from dashboards.rendering.queries import variable_names

WHOLE_PLATFORM: Final = "(whole platform)"
NO_FILTER: Final = "(no filter)"


def row_title(row: Row, board: Board) -> str:
    """Return the title of a row, with the variables that filter it."""
    if row.whole_platform:
        return f"{row.title} {WHOLE_PLATFORM}"
    labels = ", ".join(variable.label for variable in _filters(row, board))
    return f"{row.title} (filters: {labels})" if labels else f"{row.title} {NO_FILTER}"


def panel_title(panel: Panel, row: Row, board: Board) -> str:
    """Return the title of a panel, with the variables that filter other panels of its row, but not this one."""
    ignored = [variable for variable in _filters(row, board) if not _filters_panel(variable, panel)]
    return f"{panel.title}, all {' and '.join(map(plural, ignored))}" if ignored else panel.title


def plural(variable: Variable) -> str:
    """Return the word for all values of a variable, such as routes."""
    return f"{variable.label.lower()}s"


def _filters(row: Row, board: Board) -> list[Variable]:
    return [variable for variable in board.variables if any(_filters_panel(variable, panel) for panel in row.panels)]


def _filters_panel(variable: Variable, panel: Panel) -> bool:
    return all(variable.name in variable_names(signal.expression) for signal in panel.signals)
