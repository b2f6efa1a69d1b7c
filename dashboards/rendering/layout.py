"""Placement of rows and panels on Grafana's grid, and their titles."""

from collections.abc import Callable, Iterator
from typing import Final

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard as models

from catalogue.panel_links import panel_id
from dashboards.model import Board, Panel, Row
from dashboards.rendering.scope import panel_title, row_title

COLUMNS: Final = 24


def place_rows(board: Board, render: Callable[[Panel, str], models.Panel]) -> Iterator[models.Panel | models.RowPanel]:
    """Yield the rows and panels of a board; the panels of a collapsed row are within it.

    `render` returns the panel with a title, without its place.
    """
    top = 0
    for number, row in enumerate(board.rows, 1):
        title = builders.Row(row_title(row, board)).id(panel_id(f"{board.uid}/row-{number}")).build()
        title.grid_pos = models.GridPos(x=0, y=top, w=COLUMNS, h=1)
        title.repeat = row.repeat
        placed, bottom = _place(row, top + 1)
        panels = []
        for panel, position in placed:
            rendered = render(panel, panel_title(panel, row, board))
            rendered.grid_pos = position
            panels.append(rendered)
        yield title
        if row.collapsed:
            title.collapsed = True
            title.panels = panels
            top += 1
        else:
            yield from panels
            top = bottom


def _place(row: Row, top: int) -> tuple[list[tuple[Panel, models.GridPos]], int]:
    """Return each panel with its place, left to right, and the end of the row.

    A panel that does not fit starts a new line.
    """
    placed = []
    left = tallest = 0
    for panel in row.panels:
        if left + panel.width > COLUMNS:
            top, left, tallest = top + tallest, 0, 0
        placed.append((panel, models.GridPos(x=left, y=top, w=panel.width, h=panel.height)))
        left += panel.width
        tallest = max(tallest, panel.height)
    return placed, top + tallest
