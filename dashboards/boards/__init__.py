"""Dashboards, one per file or folder."""

from typing import Final

from dashboards.boards import api, business, cache, database, infrastructure, monitoring, production, security
from dashboards.model import Board

BOARDS: Final[tuple[Board, ...]] = (
    production.BOARD,
    api.BOARD,
    business.BOARD,
    security.BOARD,
    database.BOARD,
    cache.BOARD,
    infrastructure.BOARD,
    monitoring.BOARD,
)
